namespace OrtDpo.Data;

/// <summary>How long some token lists are; zeros where there are none.</summary>
/// <param name="Min">The shortest.</param>
/// <param name="Median">The lower median.</param>
/// <param name="Mean">The mean.</param>
/// <param name="Max">The longest.</param>
/// <param name="Sum">All tokens.</param>
public sealed record LengthSummary(int Min, int Median, double Mean, int Max, long Sum)
{
    /// <summary>Summarizes <paramref name="lengths"/>.</summary>
    public static LengthSummary Of(IEnumerable<int> lengths)
    {
        var sorted = lengths.Order().ToArray();
        if (sorted.Length == 0)
        {
            return new LengthSummary(0, 0, 0, 0, 0);
        }

        var sum = sorted.Sum(length => (long)length);
        return new LengthSummary(sorted[0], sorted[(sorted.Length - 1) / 2], (double)sum / sorted.Length, sorted[^1], sum);
    }
}
