namespace OrtDpo.Training;

/// <summary>Some numbers in short, without those that are NaN.</summary>
/// <param name="Count">How many they are.</param>
/// <param name="Mean">Their mean; NaN of none.</param>
/// <param name="Deviation">Their standard deviation, of n − 1; NaN of fewer than two.</param>
/// <param name="Low">The lowest.</param>
/// <param name="High">The highest.</param>
readonly record struct Spread(int Count, double Mean, double Deviation, double Low, double High)
{
    // Student's t at 97.5 % with 19 degrees of freedom; with more it falls to 1.96, and the interval is a little too wide.
    const double Quantile = 2.093;

    /// <summary>Half of the 95 % interval of the mean, where the numbers are independent.</summary>
    public double HalfInterval => Quantile * Deviation / Math.Sqrt(Count);

    public static Spread Of(IEnumerable<double> numbers)
    {
        double[] kept = [.. numbers.Where(number => !double.IsNaN(number))];
        if (kept.Length == 0)
        {
            return new Spread(0, double.NaN, double.NaN, double.NaN, double.NaN);
        }

        var mean = kept.Average();
        var squares = kept.Sum(number => (number - mean) * (number - mean));
        var deviation = kept.Length == 1 ? double.NaN : Math.Sqrt(squares / (kept.Length - 1));
        return new Spread(kept.Length, mean, deviation, kept.Min(), kept.Max());
    }
}
