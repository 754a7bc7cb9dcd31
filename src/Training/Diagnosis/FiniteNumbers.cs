using OrtDpo.Runs;

namespace OrtDpo.Training;

static class FiniteNumbers
{
    /// <summary>A number of a line; NaN where it has none, or one that is not finite: a file of JSON tells these apart no more.</summary>
    public static double Finite(this MetricsLine line, string name) =>
        line.Find(name) is { } value && double.IsFinite(value) ? value : double.NaN;
}
