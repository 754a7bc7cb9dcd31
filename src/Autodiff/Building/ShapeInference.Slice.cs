namespace OrtDpo.Autodiff.Building;

static partial class ShapeInference
{
    // starts and ends may be computed from shapes; axes and steps are constants.
    static TensorType[] Slice(ShapeContext c)
    {
        var shape = c.Shape(0);
        var (starts, ends) = (ShapeValues.Of(c.Graph, c.I(1)), ShapeValues.Of(c.Graph, c.I(2)));
        var count = starts?.Length
            ?? ends?.Length
            ?? (int)((c.Shape(1).Rank == 1 ? c.Shape(1)[0].Value : null) ?? throw c.Wrong("how many axes it slices is not known"));
        var axes = c.Has(3) ? c.ConstantInt64s(3) : [.. Enumerable.Range(0, count).Select(i => (long)i)];
        var steps = c.Has(4) ? c.ConstantInt64s(4) : [.. axes.Select(_ => 1L)];
        if (steps.Length != axes.Length || (starts ?? axes.Select(a => (Dim)a)).Count() != axes.Length
            || (ends ?? axes.Select(a => (Dim)a)).Count() != axes.Length)
        {
            throw c.Wrong("starts, ends, axes and steps differ in their number");
        }

        for (var i = 0; i < axes.Length; i++)
        {
            var axis = shape.Axis(axes[i]);
            var length = steps[i] == 0 ? throw c.Wrong("a step is 0")
                : starts is null || ends is null ? null
                : SliceLength(shape[axis], starts[i], ends[i], steps[i]);
            shape = shape.With(axis, length ?? c.Unknown(axis));
        }

        return [new(c.I(0).Type, shape)];
    }

    // Null where only running the graph tells. Symbolic bounds are taken to lie within the dimension.
    static Dim? SliceLength(Dim dim, Dim start, Dim end, long step)
    {
        if (dim.Value is { } size && start.Value is { } from && end.Value is { } to)
        {
            return NumericLength(size, from, to, step);
        }

        var whole = end == dim || end.Value >= int.MaxValue;
        return (start.Value, step) switch
        {
            (0, 1) when whole => dim,
            (0, 1) when end.Value is null => end,
            ( >= 0, 1) when end.Value >= start.Value && !whole => end.Value - start.Value,
            ( < 0, 1) when whole && dim.Value is null => -start.Value,
            ( < 0, 1) when end.Value < 0 && end.Value >= start.Value => end.Value - start.Value,
            (-1 or >= int.MaxValue, -1) when dim.Value is null && end.Value < -int.MaxValue => dim,
            _ => null,
        };
    }

    static long NumericLength(long size, long start, long end, long step)
    {
        // Backwards, positions run from size − 1 down to −1, which stands before the first.
        var (low, high) = step > 0 ? (0L, size) : (-1L, size - 1);
        var from = Math.Clamp(start < 0 ? start + size : start, low, high);
        var to = Math.Clamp(end < 0 ? end + size : end, low, high);
        return Math.Max(0, step > 0 ? (to - from + step - 1) / step : (from - to - step - 1) / -step);
    }
}
