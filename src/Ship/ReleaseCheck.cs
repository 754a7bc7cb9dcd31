using System.Text.Json.Serialization;

namespace OrtDpo.Ship;

/// <summary>A check of the release gate: a row of its table.</summary>
/// <param name="Name">Its name, which is that of its threshold too.</param>
/// <param name="Verdict">What it came to.</param>
public sealed record ReleaseCheck(string Name, Verdict Verdict)
{
    /// <summary>What was found, in words; empty where nothing was looked at.</summary>
    public string Found { get; init; } = "";

    /// <summary>What is asked for, in words.</summary>
    public string Threshold { get; init; } = "";

    /// <summary>Why it did not pass, in sentences; null where it did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>The number that was found; null where the check is about none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Value { get; init; }

    /// <summary>The lower end of its 95 % interval; null where it has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Low { get; init; }

    /// <summary>The upper end of its 95 % interval; null where it has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? High { get; init; }

    /// <summary>The number that it is held against; null where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Limit { get; init; }
}
