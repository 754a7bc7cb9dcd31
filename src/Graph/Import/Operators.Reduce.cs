using OrtDpo.Graph.Building;

namespace OrtDpo.Graph.Import;

static partial class Operators
{
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

    static void RequireLastAxis(ImportContext c)
    {
        var axis = c.I(0).Shape.Axis(c.Attributes.Int("axis", -1));
        if (axis != c.I(0).Shape.Rank - 1)
        {
            throw c.Refused($"axis {axis} of {c.I(0).Shape} is normalised; only the last axis is supported");
        }
    }
}
