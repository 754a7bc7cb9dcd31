namespace OrtDpo.Cli.Train.Display;

/// <summary>
/// The course of a number over a run of any length, in a few hundred means: neighbours are joined when there are too many. Values that are
/// not finite are left out.
/// </summary>
sealed class Curve
{
    const int MostMeans = 512;

    readonly List<(double Sum, int Count)> means = [];
    int joined = 1;

    /// <summary>The last value that was finite; null: there is none.</summary>
    public double? Last { get; private set; }

    /// <summary>The first value that was finite.</summary>
    public double? First { get; private set; }

    /// <summary>Adds the next value.</summary>
    public void Add(double value)
    {
        if (!double.IsFinite(value))
        {
            return;
        }

        First ??= value;
        Last = value;
        if (means is [.., var last] && last.Count < joined)
        {
            means[^1] = (last.Sum + value, last.Count + 1);
            return;
        }

        if (means.Count == MostMeans)
        {
            Join();
        }

        means.Add((value, 1));
    }

    /// <summary>At most <paramref name="count"/> means of equal parts of the run, in order.</summary>
    public double[] Means(int count)
    {
        var columns = new double[Math.Min(count, means.Count)];
        for (var i = 0; i < columns.Length; i++)
        {
            var (sum, values) = (0.0, 0);
            for (var at = means.Count * i / columns.Length; at < means.Count * (i + 1) / columns.Length; at++)
            {
                sum += means[at].Sum;
                values += means[at].Count;
            }

            columns[i] = sum / values;
        }

        return columns;
    }

    void Join()
    {
        for (var i = 0; i < MostMeans / 2; i++)
        {
            means[i] = (means[2 * i].Sum + means[(2 * i) + 1].Sum, means[2 * i].Count + means[(2 * i) + 1].Count);
        }

        means.RemoveRange(MostMeans / 2, MostMeans / 2);
        joined *= 2;
    }
}
