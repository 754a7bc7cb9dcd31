namespace OrtDpo.Training;

/// <summary>
/// Whether a policy prefers the longer completion whatever it says: Pearson's correlation of the margin with the difference in length.
/// </summary>
static class LengthBias
{
    // A line through two points is straight.
    const int Least = 3;

    /// <summary>
    /// From −1 to 1; null where it is not defined: fewer than three pairs, all margins or all differences alike, or nothing but ties, whose
    /// margins are rounding.
    /// </summary>
    /// <param name="terms">The pairs.</param>
    /// <param name="values">What the objective says of them.</param>
    public static double? Of(IReadOnlyList<ScoredTerm> terms, LossValues values)
    {
        var count = terms.Count;
        var rewards = values.Rewards;
        if (count < Least || terms.Index().All(t => t.Item.IsTie(rewards[t.Index], rewards[count + t.Index])))
        {
            return null;
        }

        double[] margins = [.. Enumerable.Range(0, count).Select(i => (double)rewards[i] - rewards[count + i])];
        double[] lengths = [.. terms.Select(term => (double)term.Completion.Length - term.Rejected!.Value.Length)];
        return Correlation(margins, lengths);
    }

    /// <summary>Pearson's r; null where one of the two does not vary.</summary>
    public static double? Correlation(double[] x, double[] y)
    {
        var (meanX, meanY) = (x.Average(), y.Average());
        var (xx, yy, xy) = (0.0, 0.0, 0.0);
        for (var i = 0; i < x.Length; i++)
        {
            xx += (x[i] - meanX) * (x[i] - meanX);
            yy += (y[i] - meanY) * (y[i] - meanY);
            xy += (x[i] - meanX) * (y[i] - meanY);
        }

        return xx == 0 || yy == 0 ? null : xy / Math.Sqrt(xx * yy);
    }
}
