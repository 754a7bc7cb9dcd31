namespace OrtDpo.Graph.Building;

static partial class ShapeInference
{
    // Axes come as a constant second input (opset 18); none means all.
    static TensorType[] Reduce(ShapeContext c)
    {
        var shape = c.Shape(0);
        var axes = c.Has(1) ? c.ConstantInt64s(1).Select(shape.Axis).ToHashSet() : [.. Enumerable.Range(0, shape.Rank)];
        var keep = c.Attributes.Int("keepdims", 1) != 0;
        var dims = shape.Select((dim, i) => (Dim: axes.Contains(i) ? Dim.One : dim, Kept: keep || !axes.Contains(i)));
        return [new(c.I(0).Type, new Shape(dims.Where(d => d.Kept).Select(d => d.Dim)))];
    }

    // Outputs: normalised values, and 1 / root mean square with the last dimension 1.
    static TensorType[] RmsNorm(ShapeContext c)
    {
        var (x, scale) = (c.Shape(0), c.Shape(1));
        return scale.Rank == 1 && scale[0] == x[-1]
            ? [new(c.I(0).Type, x), new(c.I(0).Type, x.With(-1, Dim.One))]
            : throw c.Wrong($"the scale must have shape [{x[-1]}]");
    }
}
