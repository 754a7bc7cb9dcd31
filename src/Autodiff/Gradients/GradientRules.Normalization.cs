using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Gradients;

static partial class GradientRules
{
    // Y = X̂ · scale, X̂ = X · inv: dX = inv · (dX̂ − X̂ · mean(dX̂ · X̂)) with dX̂ = dY · scale; dscale = Σ over rows of dY · X̂.
    static void RmsNorm(GradientContext c)
    {
        c.NoGradientOfOutput(1);
        var inverse = c.Node.Outputs.Length > 1 ? c.O(1) : Again(c, c.Node.Inputs.AsSpan(), outputs: 2)[1]!;
        var normalised = c.B.Mul(c.I(0), inverse);
        c.Add(0, () => RmsNormInput(c, c.I(1), normalised, inverse));
        c.Add(1, () => c.B.Mul(c.GO(), normalised));
    }

    // Y = X̂ · scale + bias, X̂ = (X − mean) · inv: dX = inv · (dX̂ − mean(dX̂) − X̂ · mean(dX̂ · X̂)); dscale = Σ dY · X̂, dbias = Σ dY.
    static void LayerNormalization(GradientContext c)
    {
        c.NoGradientOfOutput(1);
        c.NoGradientOfOutput(2);
        var statistics = c.Node.Outputs.Length > 2 ? c.Node.Outputs.AsSpan() : Again(c, [c.I(0), c.I(1)], outputs: 3);
        var (mean, inverse) = (statistics[1]!, statistics[2]!);
        var normalised = c.B.Mul(c.B.Sub(c.I(0), mean), inverse);
        c.Add(0, () => LayerNormInput(c, c.I(1), normalised, inverse, c.I(0).Shape.Axis(c.Attributes.Int("axis", -1))));
        c.Add(1, () => c.B.Mul(c.GO(), normalised));
        if (c.Has(2))
        {
            c.Add(2, c.GO());
        }
    }

    static Value RmsNormInput(GradientContext c, Value scale, Value normalised, Value inverse)
    {
        var b = c.B;
        var scaled = b.Mul(c.GO(), scale);
        var mean = b.ReduceMean(b.Mul(scaled, normalised), keepDims: true, -1);
        return b.Mul(inverse, b.Sub(scaled, b.Mul(normalised, mean)));
    }

    static Value LayerNormInput(GradientContext c, Value scale, Value normalised, Value inverse, int axis)
    {
        var b = c.B;
        long[] axes = [.. Enumerable.Range(axis, normalised.Shape.Rank - axis).Select(i => (long)i)];
        var scaled = b.Mul(c.GO(), scale);
        var mean = b.ReduceMean(scaled, keepDims: true, axes);
        var along = b.ReduceMean(b.Mul(scaled, normalised), keepDims: true, axes);
        return b.Mul(inverse, b.Sub(b.Sub(scaled, mean), b.Mul(normalised, along)));
    }

    // The node's statistics, which a forward that stands alone does not hand out: one pass makes them again.
    static ReadOnlySpan<Value?> Again(GradientContext c, ReadOnlySpan<Value?> inputs, int outputs) =>
        c.B.AddNode(c.Node.Op, inputs, c.Attributes, outputs).Outputs.AsSpan();
}
