using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Lowering;

static partial class LoweringRules
{
    // Y = (X − mean) · inv · scale + bias, inv = 1 / √(variance + ε).
    static Value[] LayerNormalization(LoweringContext c) =>
        LayerNorm(c, c.I(0), c.I(0).Shape.Axis(c.Attributes.Int("axis", -1)), c.I(1), c.Has(2) ? c.I(2) : null, absent: 1e-5f);

    // The same of S = input + skip + bias, which is output 3.
    static Value[] SkipLayerNormalization(LoweringContext c)
    {
        var sum = SkipSum(c, bias: 4);
        return [.. LayerNorm(c, sum, sum.Shape.Rank - 1, c.I(2), c.Has(3) ? c.I(3) : null, absent: 1e-12f), sum];
    }

    static Value[] SkipRmsNorm(LoweringContext c)
    {
        var sum = SkipSum(c, bias: 3);
        var outputs = RmsNorm(c, sum, c.I(2), absent: 1e-12f);
        return [outputs[0], outputs[1], outputs[1], sum];
    }

    static Value SkipSum(LoweringContext c, int bias)
    {
        var sum = c.B.Add(c.I(0), c.I(1));
        return c.Has(bias) ? c.B.Add(sum, c.I(bias)) : sum;
    }

    static Value[] LayerNorm(LoweringContext c, Value x, int axis, Value scale, Value? bias, double absent)
    {
        var b = c.B;
        long[] axes = [.. Enumerable.Range(axis, x.Shape.Rank - axis).Select(i => (long)i)];
        var mean = b.ReduceMean(x, keepDims: true, axes);
        var centred = b.Sub(x, mean);
        var inverse = InverseRoot(c, b.ReduceMean(b.Mul(centred, centred), keepDims: true, axes), absent);
        var scaled = b.Mul(b.Mul(centred, inverse), scale);
        return [bias is not null ? b.Add(scaled, bias) : scaled, mean, inverse];
    }

    // inv = 1 / √(mean X² + ε), Y = X · inv · scale.
    static Value[] RmsNorm(LoweringContext c) => RmsNorm(c, c.I(0), c.I(1), absent: 0);

    static Value[] OnnxRmsNorm(LoweringContext c) => RmsNorm(c, c.I(0), c.I(1), absent: 1e-5f);

    static Value[] RmsNorm(LoweringContext c, Value x, Value scale, double absent)
    {
        var b = c.B;
        var inverse = InverseRoot(c, b.ReduceMean(b.Mul(x, x), keepDims: true, -1), absent);
        return [b.Mul(b.Mul(x, inverse), scale), inverse];
    }

    // 1 / √(x + ε).
    static Value InverseRoot(LoweringContext c, Value x, double absent) =>
        c.B.Reciprocal(c.B.Sqrt(c.B.Add(x, c.B.Scalar(c.Attributes.Real("epsilon", absent), c.Type))));
}
