namespace OrtDpo.Ship.Statistics;

/// <summary>The regularised incomplete beta function I_x(a, b), by which the distributions of ratios and shares are computed.</summary>
static class IncompleteBeta
{
    const int MostTerms = 100_000;
    const double Enough = 1e-15;

    // Lanczos' approximation of the gamma function, g = 7 with nine coefficients: some 15 digits.
    static readonly double[] Lanczos =
    [
        0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
        -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ];

    /// <summary>I_x(a, b).</summary>
    /// <param name="x">From 0 to 1.</param>
    /// <param name="a">Above 0.</param>
    /// <param name="b">Above 0.</param>
    public static double Of(double x, double a, double b)
    {
        if (x <= 0 || x >= 1)
        {
            return x <= 0 ? 0 : 1;
        }

        // The continued fraction converges fast on this side; I_x(a, b) = 1 - I_{1-x}(b, a) on the other (DLMF 8.17.4, 8.17.22).
        return x < (a + 1) / (a + b + 2) ? Fraction(x, a, b) : 1 - Fraction(1 - x, b, a);
    }

    /// <summary>The logarithm of Γ(x) for x above 0.</summary>
    public static double LogGamma(double x)
    {
        var (sum, shifted) = (Lanczos[0], x - 1 + 7.5);
        for (var i = 1; i < Lanczos.Length; i++)
        {
            sum += Lanczos[i] / (x - 1 + i);
        }

        return (0.5 * Math.Log(2 * Math.PI)) + ((x - 0.5) * Math.Log(shifted)) - shifted + Math.Log(sum);
    }

    // Evaluated from its beginning (Lentz 1976), so that it ends where it has converged.
    static double Fraction(double x, double a, double b)
    {
        var front = Math.Exp(
            (a * Math.Log(x)) + (b * Math.Log(1 - x)) + LogGamma(a + b) - LogGamma(a) - LogGamma(b)) / a;
        var (c, d) = (1.0, 1 / NotZero(1 - ((a + b) * x / (a + 1))));
        var product = d;
        for (var m = 1; m < MostTerms; m++)
        {
            var even = m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)));
            d = 1 / NotZero(1 + (even * d));
            c = NotZero(1 + (even / c));
            product *= c * d;
            var odd = -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = 1 / NotZero(1 + (odd * d));
            c = NotZero(1 + (odd / c));
            product *= c * d;
            if (Math.Abs((c * d) - 1) < Enough)
            {
                break;
            }
        }

        return front * product;
    }

    static double NotZero(double value) => Math.Abs(value) < 1e-300 ? 1e-300 : value;
}
