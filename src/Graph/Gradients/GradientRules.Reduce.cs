using OrtDpo.Graph.Building;

namespace OrtDpo.Graph.Gradients;

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

    // Y = X̂ · scale, X̂ = X · inv: dX = inv · (dX̂ − X̂ · mean(dX̂ · X̂)) with dX̂ = dY · scale; dscale = Σ over rows of dY · X̂.
    static void RmsNorm(GradientContext c)
    {
        c.NoGradientOfOutput(1);
        var (b, inverse) = (c.B, c.O(1));
        var normalised = b.Mul(c.I(0), inverse);
        c.Add(0, () =>
        {
            var scaled = b.Mul(c.GO(), c.I(1));
            var mean = b.ReduceMean(b.Mul(scaled, normalised), keepDims: true, -1);
            return b.Mul(inverse, b.Sub(scaled, b.Mul(normalised, mean)));
        });
        c.Add(1, () => b.Mul(c.GO(), normalised));
    }

    static long[] Axes(GradientContext c) => c.Node.Inputs.Length > 1
        ? [.. c.Int64s(1).Select(a => (long)c.I(0).Shape.Axis(a)).Order()]
        : [.. Enumerable.Range(0, c.I(0).Shape.Rank).Select(a => (long)a)];

    // The gradient with the reduced axes back, of size 1.
    static Value WithReducedAxes(GradientContext c, Value gradient) =>
        c.Attributes.Int("keepdims", 1) != 0 ? gradient : c.B.Unsqueeze(gradient, Axes(c));

    static Value Reduced(GradientContext c)
    {
        var axes = Axes(c);
        var count = axes.Aggregate(Dim.One, (n, axis) => n * c.I(0).Shape[(int)axis]);
        return count.Value is { } known
            ? c.B.Scalar(known, c.Type)
            : c.B.Cast(c.B.Add("ReduceProd", [c.B.Gather(c.B.ShapeOf(c.I(0)), c.B.Int64s(axes))], Attributes.None.With("keepdims", 0L)), c.Type);
    }
}
