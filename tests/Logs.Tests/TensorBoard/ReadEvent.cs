namespace OrtDpo.Logs.Tests.TensorBoard;

/// <summary>What a record of an event file says.</summary>
sealed record ReadEvent
{
    public double WallTime { get; init; }

    public long Step { get; init; }

    public string? FileVersion { get; init; }

    public string? Writer { get; init; }

    /// <summary>1 = START.</summary>
    public long? SessionStatus { get; init; }

    public Dictionary<string, float> Scalars { get; } = [];

    public Dictionary<string, string> Texts { get; } = [];
}
