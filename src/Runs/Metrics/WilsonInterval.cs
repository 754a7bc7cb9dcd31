namespace OrtDpo.Runs;

/// <summary>Wilson's 95 % interval of a binomial share (1927): sensible also near 0 and 1 and for few trials.</summary>
public static class WilsonInterval
{
    // The normal distribution's 97.5 % quantile.
    const double Z = 1.959963984540054;

    public static (double Low, double High) Of(long successes, long trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(trials);
        return Of((double)successes / trials, trials);
    }

    /// <summary>The interval of a share that is as sure as one of so many independent trials, which need not be whole.</summary>
    /// <param name="share">From 0 to 1.</param>
    /// <param name="trials">Above 0.</param>
    public static (double Low, double High) Of(double share, double trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(trials);
        var z2 = Z * Z / trials;
        var centre = (share + (z2 / 2)) / (1 + z2);
        var half = Z / (1 + z2) * Math.Sqrt((share * (1 - share) / trials) + (z2 / 4 / trials));
        // Exactly 0 and 1 at the ends, where rounding would exclude the share itself.
        return (share == 0 ? 0 : centre - half, share == 1 ? 1 : centre + half);
    }
}
