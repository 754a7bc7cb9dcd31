using System.Globalization;

namespace OrtDpo.StepBench;

/// <summary>A limit that the step has to keep, and what was measured.</summary>
/// <param name="What">In words.</param>
/// <param name="Most">The limit.</param>
/// <param name="Measured">The measurement.</param>
sealed record Limit(string What, double Most, double Measured)
{
    public bool Holds => Measured <= Most;

    /// <summary>The limits of a model: time for both models, memory for the one of 100M parameters.</summary>
    public static Limit[] Of(string size, IEnumerable<LoopSummary> loops) => [.. loops.SelectMany(l => (size, l.Loop) switch
    {
        ("m30", "kept") => Limits(l, 1.4, null),
        ("m30", "recomputed") => Limits(l, 1.75, null),
        ("m110", "kept") => Limits(l, 1.4, 2.9),
        ("m110", "recomputed") => Limits(l, 1.75, 1.9),
        _ => [],
    })];

    static IEnumerable<Limit> Limits(LoopSummary loop, double timesFloor, double? peakGb)
    {
        yield return new(
            string.Create(CultureInfo.InvariantCulture, $"{loop.Loop}: at most {timesFloor} × the floor"), timesFloor, loop.TimesFloor);
        if (peakGb is { } most)
        {
            yield return new(string.Create(CultureInfo.InvariantCulture, $"{loop.Loop}: at most {most} GB"), most, loop.PeakGb!.Value);
        }
    }
}
