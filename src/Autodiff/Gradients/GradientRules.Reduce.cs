using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Gradients;

static partial class GradientRules
{
    // dX = dY, repeated along the reduced axes.
    static void ReduceSum(GradientContext c) => c.Add(0, c.B.ExpandLike(WithReducedAxes(c, c.GO()), c.I(0)));

    // dX = dY / n, repeated along the reduced axes; n = elements in one mean.
    static void ReduceMean(GradientContext c)
    {
        var mean = c.B.Div(WithReducedAxes(c, c.GO()), Reduced(c));
        c.Add(0, c.B.ExpandLike(mean, c.I(0)));
    }

    // Y = Σ X²: dX = dY · 2 X.
    static void ReduceSumSquare(GradientContext c) =>
        c.Add(0, c.B.Mul(WithReducedAxes(c, c.B.Mul(c.GO(), c.B.Scalar(2, c.Type))), c.I(0)));

    // Y = Σ |X|: dX = dY · sign(X).
    static void ReduceL1(GradientContext c) => c.Add(0, c.B.Mul(WithReducedAxes(c, c.GO()), c.B.Add("Sign", [c.I(0)])));

    // Y = √Σ X²: dX = dY · X / Y.
    static void ReduceL2(GradientContext c) => c.Add(0, c.B.Mul(WithReducedAxes(c, c.B.Div(c.GO(), c.O())), c.I(0)));

    // Y = log Σ e^X: dX = dY · e^(X − Y).
    static void ReduceLogSumExp(GradientContext c) =>
        c.Add(0, c.B.Mul(WithReducedAxes(c, c.GO()), c.B.Exp(c.B.Sub(c.I(0), WithReducedAxes(c, c.O())))));

    // Each X reaches the sums after it, or, reversed, before it: dX = the sums of dY the other way round.
    static void CumSum(GradientContext c) =>
        c.Add(0, c.B.Add("CumSum", [c.GO(), c.I(1)], c.Attributes.With("reverse", 1 - c.Attributes.Int("reverse", 0))));

    // dX = Y · (dY − Σ dY · Y), sums along the axis.
    static void Softmax(GradientContext c)
    {
        var sum = c.B.ReduceSum(c.B.Mul(c.GO(), c.O()), keepDims: true, c.Attributes.Int("axis", -1));
        c.Add(0, c.B.Mul(c.O(), c.B.Sub(c.GO(), sum)));
    }

    // dX = dY − e^Y · Σ dY, sums along the axis.
    static void LogSoftmax(GradientContext c)
    {
        var sum = c.B.ReduceSum(c.GO(), keepDims: true, c.Attributes.Int("axis", -1));
        c.Add(0, c.B.Sub(c.GO(), c.B.Mul(c.B.Exp(c.O()), sum)));
    }

    static long[] Axes(GradientContext c) =>
        [.. ReducedAxes.Of(c.I(0).Shape, c.Has(1) ? c.Int64s(1) : [], c.Attributes).Select(axis => (long)axis)];

    // With the reduced axes back, of size 1.
    static Value WithReducedAxes(GradientContext c, Value value) =>
        c.Attributes.Int("keepdims", 1) != 0 || Axes(c).Length == 0 ? value : c.B.Unsqueeze(value, Axes(c));

    static Value Reduced(GradientContext c)
    {
        var axes = Axes(c);
        var count = axes.Aggregate(Dim.One, (n, axis) => n * c.I(0).Shape[(int)axis]);
        if (count.Value is { } known)
        {
            return c.B.Scalar(known, c.Type);
        }

        var sizes = c.B.Concat(0, [.. axes.Select(axis => c.B.SizeOf(c.I(0), (int)axis))]);
        return c.B.Cast(c.B.Add("ReduceProd", [sizes], Attributes.None.With("keepdims", 0L)), c.Type);
    }
}
