namespace OrtDpo.Logs;

/// <summary>How a run ended.</summary>
public enum RunEnding
{
    /// <summary>Its last step is done.</summary>
    Finished,

    /// <summary>Something failed.</summary>
    Failed,

    /// <summary>It was asked to stop, and may be resumed.</summary>
    Stopped,
}
