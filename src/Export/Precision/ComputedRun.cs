using System.Text.Json.Serialization;

namespace OrtDpo.Export.Precision;

/// <summary>How a graph that computes in 16 bits was compared; <c>compute</c> in <c>parity.json</c>.</summary>
/// <param name="Dtype">What it computes in.</param>
/// <param name="Status"><see cref="Run"/> or <see cref="NotRun"/>.</param>
/// <param name="Reason">Why it was not run, and what was compared in its place; null, and not written, where it was.</param>
public sealed record ComputedRun(
    string Dtype, string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason = null)
{
    /// <summary>It ran, on the processor, and the differences are its own.</summary>
    public const string Run = "run";

    /// <summary>It was not run: the differences are those of its numbers, widened to float32.</summary>
    public const string NotRun = "not run";
}
