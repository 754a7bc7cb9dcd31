namespace OrtDpo.Autodiff.Lowering;

/// <summary>Gauss and Legendre's rule: ∫₀¹ f(s) ds ≈ Σ wᵢ f(sᵢ), exact for polynomials of degree 2n − 1.</summary>
static class GaussLegendre
{
    /// <summary>Points and weights for [0, 1].</summary>
    public static (double[] Points, double[] Weights) Rule(int n)
    {
        var (points, weights) = (new double[n], new double[n]);
        for (var i = 0; i < n; i++)
        {
            // The roots of the Legendre polynomial on [−1, 1], by Newton from their well-known approximation.
            var x = Math.Cos(Math.PI * (i + 0.75) / (n + 0.5));
            for (var step = 0; step < 8; step++)
            {
                var (value, slope) = Legendre(n, x);
                x -= value / slope;
            }

            var (_, derivative) = Legendre(n, x);
            points[i] = (1 + x) / 2;
            weights[i] = 1 / ((1 - (x * x)) * derivative * derivative);
        }

        return (points, weights);
    }

    // Pₙ(x) and its derivative, by (k + 1) Pₖ₊₁ = (2k + 1) x Pₖ − k Pₖ₋₁.
    static (double Value, double Slope) Legendre(int n, double x)
    {
        var (previous, value) = (1.0, x);
        for (var k = 1; k < n; k++)
        {
            (previous, value) = (value, ((((2 * k) + 1) * x * value) - (k * previous)) / (k + 1));
        }

        return (value, n * ((x * value) - previous) / ((x * x) - 1));
    }
}
