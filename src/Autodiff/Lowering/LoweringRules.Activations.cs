using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Lowering;

// Operators that ONNX Runtime's CPU has in float32 only, from those that it has in float64.
static partial class LoweringRules
{
    // erf(x) = 2/√π ∫₀ˣ e^(−t²) dt = 2x/√π ∫₀¹ e^(−x²s²) ds, by Gauss and Legendre's rule; beyond |x| = 6 erf is ±1 in float64.
    static Value[] Erf(LoweringContext c) => [Erf(c, c.I(0))];

    static Value Erf(LoweringContext c, Value argument)
    {
        var b = c.B;
        var x = b.Add("Max", [b.Add("Min", [argument, b.Scalar(6, c.Type)]), b.Scalar(-6, c.Type)]);
        var (points, weights) = GaussLegendre.Rule(32);
        var scaled = b.Vector([.. weights.Select(w => w * 2 / Math.Sqrt(Math.PI))], c.Type);
        var squares = b.Vector([.. points.Select(s => -s * s)], c.Type);
        var values = b.Exp(b.Mul(b.Unsqueeze(b.Mul(x, x), -1), squares));
        return b.Mul(x, b.ReduceSum(b.Mul(values, scaled), keepDims: false, -1));
    }

    static Value[] Gelu(LoweringContext c) => [c.Attributes.String("approximate") == "tanh" ? TanhGelu(c, c.I(0)) : ErfGelu(c, c.I(0))];

    static Value[] BiasGelu(LoweringContext c) => [ErfGelu(c, c.B.Add(c.I(0), c.I(1)))];

    static Value[] FastGelu(LoweringContext c) => [TanhGelu(c, c.Has(1) ? c.B.Add(c.I(0), c.I(1)) : c.I(0))];

    // X · sigmoid(α X).
    static Value[] QuickGelu(LoweringContext c)
    {
        var alpha = c.B.Scalar(c.Attributes.Real("alpha", 1.702f), c.Type);
        return [c.B.Mul(c.I(0), c.B.Sigmoid(c.B.Mul(alpha, c.I(0))))];
    }

    // X where X > 0, else α X.
    static Value[] LeakyRelu(LoweringContext c)
    {
        var slope = c.B.Scalar(c.Attributes.Real("alpha", 0.01f), c.Type);
        return [c.B.Where(c.B.Add("Greater", [c.I(0), c.B.Scalar(0, c.Type)]), c.I(0), c.B.Mul(slope, c.I(0)))];
    }

    // ½ x (1 + erf(x/√2)).
    static Value ErfGelu(LoweringContext c, Value x)
    {
        var b = c.B;
        var distribution = b.Add(b.Scalar(1, c.Type), Erf(c, b.Mul(x, b.Scalar(Math.Sqrt(0.5), c.Type))));
        return b.Mul(b.Mul(b.Scalar(0.5, c.Type), x), distribution);
    }

    // ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))).
    static Value TanhGelu(LoweringContext c, Value x)
    {
        var b = c.B;
        var cubic = b.Add(x, b.Mul(b.Scalar(0.044715, c.Type), b.Mul(x, b.Mul(x, x))));
        var tanh = b.Add("Tanh", [b.Mul(b.Scalar(Math.Sqrt(2 / Math.PI), c.Type), cubic)]);
        return b.Mul(b.Mul(b.Scalar(0.5, c.Type), x), b.Add(b.Scalar(1, c.Type), tanh));
    }
}
