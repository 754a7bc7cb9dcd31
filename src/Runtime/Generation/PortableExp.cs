namespace OrtDpo.Runtime.Generation;

/// <summary>
/// e to a power from sums and products alone, which IEEE 754 fixes to the last bit: <see cref="Math.Exp"/> asks the C library, whose last
/// bit differs between systems, and with it, once in a great while, the token that a seed draws.
/// </summary>
static class PortableExp
{
    // ln 2 in two parts: the first has zeros at its end, so that its product with a whole number is exact (fdlibm, e_exp.c).
    const double Ln2High = 6.93147180369123816490e-01;
    const double Ln2Low = 1.90821492927058770002e-10;

    // |r| is at most ln 2 / 2, whose 14th power over 14! is 4e-18.
    const int Terms = 13;

    /// <summary>e^<paramref name="power"/> for a power of 0 or less, to 2 units of the last place; 0 below the least number.</summary>
    public static double Of(double power)
    {
        if (power < -745.2)
        {
            return 0;
        }

        var twos = Math.Round(power / Ln2High);
        var rest = power - (twos * Ln2High) - (twos * Ln2Low);
        var sum = 1.0;
        for (var term = Terms; term > 0; term--)
        {
            sum = 1 + (rest / term * sum);
        }

        return Math.ScaleB(sum, (int)twos);
    }
}
