using OrtDpo.Graph.Building;

namespace OrtDpo.Graph.Lowering;

static partial class LoweringRules
{
    // Y = (X − mean) · inv · scale + bias, inv = 1 / √(variance + ε).
    static Value[] LayerNormalization(LoweringContext c)
    {
        var (b, x) = (c.B, c.I(0));
        var axis = x.Shape.Axis(c.Attributes.Int("axis", -1));
        long[] axes = [.. Enumerable.Range(axis, x.Shape.Rank - axis).Select(i => (long)i)];
        var mean = b.ReduceMean(x, keepDims: true, axes);
        var centred = b.Sub(x, mean);
        var inverse = InverseRoot(c, b.ReduceMean(b.Mul(centred, centred), keepDims: true, axes), absent: 1e-5f);
        var scaled = b.Mul(b.Mul(centred, inverse), c.I(1));
        return [c.Has(2) ? b.Add(scaled, c.I(2)) : scaled, mean, inverse];
    }

    // inv = 1 / √(mean X² + ε), Y = X · inv · scale.
    static Value[] RmsNorm(LoweringContext c) => RmsNorm(c, absent: 0);

    static Value[] OnnxRmsNorm(LoweringContext c) => RmsNorm(c, absent: 1e-5f);

    static Value[] RmsNorm(LoweringContext c, double absent)
    {
        var (b, x) = (c.B, c.I(0));
        var inverse = InverseRoot(c, b.ReduceMean(b.Mul(x, x), keepDims: true, -1), absent);
        return [b.Mul(b.Mul(x, inverse), c.I(1)), inverse];
    }

    // 1 / √(x + ε).
    static Value InverseRoot(LoweringContext c, Value x, double absent) =>
        c.B.Reciprocal(c.B.Sqrt(c.B.Add(x, c.B.Scalar(c.Attributes.Real("epsilon", absent), c.Type))));
}
