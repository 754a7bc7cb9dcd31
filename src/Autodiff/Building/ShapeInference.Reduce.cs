namespace OrtDpo.Autodiff.Building;

static partial class ShapeInference
{
    // Axes come as a constant second input (opset 18).
    static TensorType[] Reduce(ShapeContext c)
    {
        var shape = c.Shape(0);
        var axes = ReducedAxes.Of(shape, c.Has(1) ? c.ConstantInt64s(1) : [], c.Attributes);
        var keep = c.Attributes.Int("keepdims", 1) != 0;
        var dims = shape.Select((dim, i) => (Dim: axes.Contains(i) ? Dim.One : dim, Kept: keep || !axes.Contains(i)));
        return [new(c.I(0).Type, new Shape(dims.Where(d => d.Kept).Select(d => d.Dim)))];
    }

    // Outputs: normalised values, and 1 / root mean square with the last dimension 1.
    static TensorType[] RmsNorm(ShapeContext c)
    {
        var (x, scale) = (c.Shape(0), c.Shape(1));
        return x.Axis(c.Attributes.Int("axis", -1)) != x.Rank - 1 ? throw c.Wrong("only the last axis is normalised")
            : scale.Rank == 1 && scale[0] == x[-1] ? [new(c.I(0).Type, x), new(ElementTypes.Statistic(c.I(0).Type), x.With(-1, Dim.One))]
            : throw c.Wrong($"the scale must have shape [{x[-1]}]");
    }

    // Outputs: normalised values; mean and 1 / standard deviation, with dimensions of 1 from the axis on.
    static TensorType[] LayerNormalization(ShapeContext c)
    {
        var x = c.Shape(0);
        var axis = x.Axis(c.Attributes.Int("axis", -1));
        var tail = new Shape(x.Skip(axis));
        for (var i = 1; i < c.Inputs.Length; i++)
        {
            if (c.Has(i) && !tail.Equals(Shape.Broadcast(tail, c.Shape(i))))
            {
                throw c.Wrong($"input {i} of shape {c.Shape(i)} does not broadcast to {tail}");
            }
        }

        var statistic = new TensorType(ElementTypes.Statistic(c.I(0).Type), new Shape(x.Select((dim, i) => i < axis ? dim : Dim.One)));
        return [new(c.I(0).Type, x), statistic, statistic];
    }

    // Outputs: the norm of input + skip + bias; mean and 1 / standard deviation; the sum itself.
    static TensorType[] SkipNorm(ShapeContext c)
    {
        var x = c.Shape(0);
        if (x.Rank == 0 || !x.Equals(c.Shape(1)))
        {
            throw c.Wrong("input and skip must have the same shape");
        }

        for (var i = 2; i < c.Inputs.Length; i++)
        {
            if (c.Has(i) && !c.Shape(i).Equals(new Shape(x[-1])))
            {
                throw c.Wrong($"input {i} must have shape [{x[-1]}]");
            }
        }

        var statistic = new TensorType(ElementTypes.Statistic(c.I(0).Type), x.With(-1, Dim.One));
        return [new(c.I(0).Type, x), statistic, statistic, new(c.I(0).Type, x)];
    }
}
