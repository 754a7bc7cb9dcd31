namespace OrtDpo.Data;

/// <summary>What a row is used for.</summary>
public enum Split
{
    /// <summary>Training.</summary>
    Train,

    /// <summary>Held out.</summary>
    Eval,
}
