using System.Text.Json.Serialization;

namespace OrtDpo.Ship;

/// <summary>What the release gate found of a run and its export; what <c>ship --json</c> prints.</summary>
/// <param name="Run">The run's folder.</param>
/// <param name="Step">Optimizer steps of the checkpoint that was judged, the newest.</param>
/// <param name="Loss">The run's objective.</param>
/// <param name="Export">The exported folder.</param>
/// <param name="Device">Where models ran.</param>
/// <param name="Outcome">What it all comes to.</param>
/// <param name="Checks">All checks, always the same and in the same order.</param>
public sealed record ReleaseReport(
    string Run, int Step, string Loss, string Export, string Device, ReleaseOutcome Outcome, IReadOnlyList<ReleaseCheck> Checks)
{
    /// <summary>Why models ran on the processor, where a GPU would have been taken; null where nothing is to be said.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DeviceNote { get; init; }
}

/// <summary>What a release gate comes to.</summary>
public enum ReleaseOutcome
{
    /// <summary>Every check that applies has passed.</summary>
    Ships,

    /// <summary>A check is blocked.</summary>
    Blocked,

    /// <summary>No check is blocked, and one could not be judged.</summary>
    NotJudged,
}
