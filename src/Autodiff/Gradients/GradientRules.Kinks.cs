namespace OrtDpo.Autodiff.Gradients;

// Operators with kinks and ties, where the gradient is a choice: Abs and Relu give 0 at 0, extrema split evenly, Clip passes at its bounds.
static partial class GradientRules
{
    // dX = dY · sign(X).
    static void Abs(GradientContext c) => c.Add(0, c.B.Mul(c.GO(), c.B.Add("Sign", [c.I(0)])));

    // dX = dY where X > 0, else 0.
    static void Relu(GradientContext c)
    {
        var zero = c.B.Scalar(0, c.Type);
        c.Add(0, c.B.Where(c.B.Add("Greater", [c.I(0), zero]), c.GO(), zero));
    }

    // dX = dY where X > 0, else α dY.
    static void LeakyRelu(GradientContext c)
    {
        var slope = c.B.Scalar(c.Attributes.Real("alpha", 0.01f), c.Type);
        c.Add(0, c.B.Where(c.B.Add("Greater", [c.I(0), c.B.Scalar(0, c.Type)]), c.GO(), c.B.Mul(c.GO(), slope)));
    }

    // dX = dY where min ≤ X ≤ max, else 0.
    static void Clip(GradientContext c)
    {
        var zero = c.B.Scalar(0, c.Type);
        var gradient = c.GO();
        foreach (var (bound, within) in new[] { (1, "GreaterOrEqual"), (2, "LessOrEqual") })
        {
            if (c.Has(bound))
            {
                c.NoGradientOfInput(bound);
                gradient = c.B.Where(c.B.Add(within, [c.I(0), c.I(bound)]), gradient, zero);
            }
        }

        c.Add(0, gradient);
    }

    // Y = the largest (smallest) Xᵢ: dXᵢ = dY · [Xᵢ = Y] / how many equal Y.
    static void Extremum(GradientContext c)
    {
        var (b, count) = (c.B, c.Node.Inputs.Length);
        if (count == 1)
        {
            c.Add(0, c.GO());
            return;
        }

        var attained = Enumerable.Range(0, count).Select(i => b.Cast(b.Add("Equal", [c.I(i), c.O()]), c.Type)).ToArray();
        var share = b.Div(c.GO(), attained.Aggregate(b.Add));
        for (var i = 0; i < count; i++)
        {
            c.Add(i, b.Mul(share, attained[i]));
        }
    }

    // Y = the largest (smallest) X along the axes: dX = dY · [X = Y] / how many equal Y.
    static void ReduceExtremum(GradientContext c)
    {
        var b = c.B;
        var attained = b.Cast(b.Add("Equal", [c.I(0), WithReducedAxes(c, c.O())]), c.Type);
        var ties = Axes(c) is { Length: > 0 } axes ? b.ReduceSum(attained, keepDims: true, axes) : attained;
        c.Add(0, b.Mul(b.Div(WithReducedAxes(c, c.GO()), ties), attained));
    }
}
