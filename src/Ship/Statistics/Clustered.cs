using OrtDpo.Runs;

namespace OrtDpo.Ship.Statistics;

/// <summary>
/// Estimates from rows that are independent only between prompts: pairs of one prompt share it, and often a completion. Standard errors are
/// of the sums of prompts (linearisation; Cochran, "Sampling Techniques", 1977, section 6.4), intervals by Student's t with prompts − 1
/// degrees of freedom.
/// </summary>
static class Clustered
{
    /// <summary>The ratio Σ value / Σ weight: a mean where the weights are 1, one per token where they are tokens.</summary>
    /// <param name="rows">For each row its prompt, its value, and its weight, above 0; at least one.</param>
    public static Interval Mean(IReadOnlyCollection<(string Prompt, double Value, double Weight)> rows)
    {
        var weight = rows.Sum(row => row.Weight);
        var mean = rows.Sum(row => row.Value) / weight;
        return Around(mean, rows.GroupBy(row => row.Prompt, StringComparer.Ordinal)
            .Select(prompt => prompt.Sum(row => row.Value - (mean * row.Weight)) / weight));
    }

    /// <summary>The difference of two means, of the rows that are so and of the others.</summary>
    /// <param name="rows">For each row its prompt, its value and whether it is so; at least one of either kind.</param>
    public static Interval Difference(IReadOnlyCollection<(string Prompt, double Value, bool IsSo)> rows)
    {
        var (so, others) = (rows.Where(row => row.IsSo).ToList(), rows.Where(row => !row.IsSo).ToList());
        var (mean, other) = (so.Average(row => row.Value), others.Average(row => row.Value));
        return Around(mean - other, rows.GroupBy(row => row.Prompt, StringComparer.Ordinal).Select(prompt => prompt.Sum(
            row => row.IsSo ? (row.Value - mean) / so.Count : -(row.Value - other) / others.Count)));
    }

    /// <summary>
    /// The share of rows that are so, with Wilson's interval. Where prompts have several rows it is that of as many independent rows as
    /// have this spread between prompts, fewer where there are few prompts (Korn and Graubard 1998); never of more than there are.
    /// </summary>
    /// <param name="rows">For each row its prompt and whether it is so; at least one.</param>
    public static Interval Share(IReadOnlyCollection<(string Prompt, bool IsSo)> rows)
    {
        var prompts = rows.GroupBy(row => row.Prompt, StringComparer.Ordinal).ToList();
        var share = (double)rows.Count(row => row.IsSo) / rows.Count;
        var (low, high) = WilsonInterval.Of(share, prompts.Count == rows.Count ? rows.Count : Independent(share, rows.Count, prompts));
        return new Interval(share, low, high);
    }

    static double Independent(double share, int rows, List<IGrouping<string, (string Prompt, bool IsSo)>> prompts)
    {
        var count = prompts.Count;
        var spread = prompts.Sum(prompt => Square(prompt.Sum(row => (row.IsSo ? 1 : 0) - share) / rows)) * count / (count - 1.0);
        // Of rows that are all alike nothing is known but that prompts are independent.
        if (count < 2 || !(spread > 0))
        {
            return count;
        }

        var few = Square(StudentT.Quantile975(Math.Max(1, rows - 1)) / StudentT.Quantile975(count - 1));
        return Math.Min(rows, share * (1 - share) / spread * few);
    }

    static Interval Around(double estimate, IEnumerable<double> influences)
    {
        var all = influences.ToList();
        if (all.Count < 2)
        {
            return new Interval(estimate, double.NegativeInfinity, double.PositiveInfinity);
        }

        var error = Math.Sqrt(all.Sum(Square) * all.Count / (all.Count - 1.0));
        var half = StudentT.Quantile975(all.Count - 1) * error;
        return new Interval(estimate, estimate - half, estimate + half);
    }

    static double Square(double x) => x * x;
}
