namespace OrtDpo.Data.Inspection;

/// <summary>
/// How often a number of one sample is above one of another, over all couples and ties counted half: Mann and Whitney's U over its largest
/// value. Its 95 % interval is Newcombe's, method 5 (Statistics in Medicine 25:559, 2006): the values θ that are as near to the share as
/// their own standard error allows, as Wilson's interval is for a binomial share. It holds 1/2 exactly where the rank test without
/// correction finds no difference.
/// </summary>
public static class RankInterval
{
    // The normal distribution's 97.5 % quantile.
    const double Z = 1.959963984540054;
    const int Halvings = 60;

    /// <summary>The share of couples whose first is the larger one, and its interval.</summary>
    public static (double Share, double Low, double High) Of(IReadOnlyList<int> first, IReadOnlyList<int> second)
    {
        ArgumentOutOfRangeException.ThrowIfZero(first.Count);
        ArgumentOutOfRangeException.ThrowIfZero(second.Count);
        var share = Share(first, second);
        return (share, 1 - Above(1 - share), Above(share));

        // The end on the upper side, where the distance grows from below the standard error to above it.
        double Above(double from)
        {
            var (low, high) = (from, 1.0);
            for (var i = 0; i < Halvings; i++)
            {
                var middle = (low + high) / 2;
                (low, high) = middle - from < Z * StandardError(middle, first.Count, second.Count) ? (middle, high) : (low, middle);
            }

            return high;
        }
    }

    static double StandardError(double theta, int first, int second)
    {
        var others = ((first + second) / 2.0) - 1;
        return Math.Sqrt(
            theta * (1 - theta) * (1 + (others * (((1 - theta) / (2 - theta)) + (theta / (1 + theta))))) / ((double)first * second));
    }

    static double Share(IReadOnlyList<int> first, IReadOnlyList<int> second)
    {
        var counts = second.CountBy(value => value).OrderBy(group => group.Key).ToList();
        var (below, next, sum) = (0L, 0, 0.0);
        foreach (var value in first.Order())
        {
            for (; next < counts.Count && counts[next].Key < value; next++)
            {
                below += counts[next].Value;
            }

            sum += below + (next < counts.Count && counts[next].Key == value ? counts[next].Value / 2.0 : 0);
        }

        return sum / ((double)first.Count * second.Count);
    }
}
