using OrtDpo.Autodiff.Building;

namespace OrtDpo.Models.Import;

static partial class Operators
{
    // ONNX Runtime's default where the attribute is absent.
    const double SkipEpsilon = 1e-12;

    static Operand[] AlongAxis(ImportContext c) => c.Emit(c.Node.OpType, Attributes.None.With("axis", c.Attributes.Int("axis", -1)));

    static Operand[] Reduce(ImportContext c) => [Reduced(c, c.Node.OpType, c.V(0))];

    static Operand[] ReduceSumSquare(ImportContext c) => [Reduced(c, "ReduceSum", c.B.Mul(c.V(0), c.V(0)))];

    static Operand[] ReduceL2(ImportContext c) => [c.B.Sqrt(Reduced(c, "ReduceSum", c.B.Mul(c.V(0), c.V(0))))];

    // Axes are an input of ReduceSum since opset 13 and of the others since 18.
    static Value Reduced(ImportContext c, string op, Value x)
    {
        var axes = c.Axes(c.Node.OpType == "ReduceSum" ? 13 : 18);
        if (axes is null && c.Attributes.Int("noop_with_empty_axes", 0) != 0)
        {
            return x;
        }

        var keep = Attributes.None.With("keepdims", c.Attributes.Int("keepdims", 1));
        return c.B.Add(op, axes is null ? [x] : [x, c.B.Int64s(axes)], keep);
    }

    // (x − mean) / √(variance + ε) · scale + bias over the last dimension (arXiv:1607.06450).
    static Operand[] LayerNormalization(ImportContext c)
    {
        RequireLastAxis(c);
        var attributes = Attributes.None.With("axis", -1L).With("epsilon", c.Attributes.Real("epsilon", 1e-5));
        return c.Emit("LayerNormalization", c.Values(), attributes);
    }

    static Operand[] RmsNormalization(ImportContext c)
    {
        RequireLastAxis(c);
        return [c.B.RmsNorm(c.V(0), c.V(1), c.Attributes.Real("epsilon", 1e-5)).Normalised];
    }

    // The norm of input + skip + bias, and that sum, which the next layer adds to.
    static Operand[] SkipLayerNormalization(ImportContext c)
    {
        var sum = SkipSum(c, bias: 4);
        var attributes = Attributes.None.With("axis", -1L).With("epsilon", c.Attributes.Real("epsilon", SkipEpsilon));
        return WithSum(c, c.Emit("LayerNormalization", c.Has(3) ? [sum, c.V(2), c.V(3)] : [sum, c.V(2)], attributes)[0], sum);
    }

    static Operand[] SkipRmsNormalization(ImportContext c)
    {
        var sum = SkipSum(c, bias: 3);
        return WithSum(c, c.B.RmsNorm(sum, c.V(2), c.Attributes.Real("epsilon", SkipEpsilon)).Normalised, sum);
    }

    static Value SkipSum(ImportContext c, int bias)
    {
        var sum = c.B.Add(c.V(0), c.V(1));
        return c.Has(bias) ? c.B.Add(sum, c.V(bias)) : sum;
    }

    static Operand[] WithSum(ImportContext c, Operand normalised, Operand sum)
    {
        var outputs = c.Node.Output;
        if (outputs.Skip(1).Take(2).Any(o => o.Length > 0))
        {
            throw c.Refused("it hands out the norm's mean or deviation; only the norm and the sum are supported");
        }

        // Outputs 1 and 2 have no name, so nothing reads what stands in their places.
        return outputs.Count > 3 ? [normalised, normalised, normalised, sum] : [normalised];
    }

    static void RequireLastAxis(ImportContext c)
    {
        var axis = c.I(0).Shape.Axis(c.Attributes.Int("axis", -1));
        if (axis != c.I(0).Shape.Rank - 1)
        {
            throw c.Refused($"axis {axis} of {c.I(0).Shape} is normalised; only the last axis is supported");
        }
    }
}
