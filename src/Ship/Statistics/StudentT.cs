namespace OrtDpo.Ship.Statistics;

/// <summary>Student's t distribution.</summary>
static class StudentT
{
    /// <summary>The probability of a value up to <paramref name="t"/>.</summary>
    /// <param name="t">The value.</param>
    /// <param name="freedom">Degrees of freedom, above 0.</param>
    public static double Probability(double t, double freedom)
    {
        var beyond = 0.5 * IncompleteBeta.Of(freedom / (freedom + (t * t)), freedom / 2, 0.5);
        return t > 0 ? 1 - beyond : beyond;
    }

    /// <summary>How far an estimate's 95 % interval reaches to either side, in standard errors: the 97.5 % quantile.</summary>
    /// <param name="freedom">Degrees of freedom, above 0.</param>
    public static double Quantile975(double freedom)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(freedom);
        // Between the normal distribution's and, from one degree on, Cauchy's.
        var (low, high) = (1.9, 13.0);
        while (Probability(high, freedom) < 0.975)
        {
            high *= 2;
        }

        while (high - low > 1e-13 * high)
        {
            var middle = low + ((high - low) / 2);
            if (middle <= low || middle >= high)
            {
                break;
            }

            (low, high) = Probability(middle, freedom) < 0.975 ? (middle, high) : (low, middle);
        }

        return high;
    }
}
