using OrtDpo.Autodiff.Building;

namespace OrtDpo.Models.Import;

static partial class Operators
{
    static Operand[] Gather(ImportContext c)
    {
        var shape = c.I(0).Shape;
        var axis = shape.Axis(c.Attributes.Int("axis", 0));
        return c.I(0).IsEmpty ? [Operand.Empty(c.I(0).Type, new Shape([.. shape.Take(axis), .. c.I(1).Shape, .. shape.Skip(axis + 1)]))]
            : c.K(0) is { } data && c.K(1) is { Numbers: not null } indices ? [Chosen(c, data, indices, axis)]
            : [c.B.Gather(c.V(0), c.V(1), axis)];
    }

    static Known Chosen(ImportContext c, Known data, Known indices, int axis)
    {
        var size = data.Shape[axis];
        return Array.TrueForAll(indices.Numbers!, i => i >= -size && i < size)
            ? KnownShapes.Gather(data, indices, axis)
            : throw c.Damaged($"indices [{string.Join(", ", indices.Numbers!)}] are outside the {size} lines of axis {axis}");
    }

    static Operand[] GatherElements(ImportContext c) =>
        [c.B.GatherElements(c.V(0), c.V(1), c.I(0).Shape.Axis(c.Attributes.Int("axis", 0)))];

    static Operand[] GatherND(ImportContext c) => c.Emit("GatherND", Attributes.None.With("batch_dims", c.Attributes.Int("batch_dims", 0)));

    static Operand[] CumSum(ImportContext c)
    {
        var attributes = Attributes.None
            .With("exclusive", c.Attributes.Int("exclusive", 0))
            .With("reverse", c.Attributes.Int("reverse", 0));
        return c.Emit("CumSum", [c.V(0), c.B.Int64(c.Number(1, "the axis"))], attributes);
    }

    // One axis after the other, those that are taken whole left out.
    static Operand[] Slice(ImportContext c)
    {
        var (starts, ends) = (c.Dims(1, "the starts"), c.Dims(2, "the ends"));
        var axes = c.Has(3) ? c.Numbers(3, "the axes") : [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        var steps = c.Has(4) ? c.Numbers(4, "the steps") : [.. axes.Select(_ => 1L)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length)
        {
            throw c.Damaged(
                $"it has {starts.Length} starts, {ends.Length} ends, {axes.Length} axes and {steps.Length} steps; "
                + "expected as many of each");
        }

        var result = c.I(0);
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = result.Shape.Axis(axes[i]);
            result = steps[i] > 0
                ? Sliced(c, result, axis, starts[i], ends[i], steps[i])
                : throw c.Refused($"step {steps[i]} along axis {axis}; steps must be positive");
        }

        return [result];
    }

    static Operand Sliced(ImportContext c, Operand x, int axis, Dim start, Dim end, long step)
    {
        var size = x.Shape[axis];
        if (step == 1 && start == 0 && (end == size || end.Value >= int.MaxValue))
        {
            return x;
        }

        if (size.Value is { } count && start.Value is { } from && end.Value is { } to)
        {
            from = Math.Clamp(from < 0 ? from + count : from, 0, count);
            to = Math.Clamp(to < 0 ? to + count : to, from, count);
            var positions = (to - from + step - 1) / step;
            return x.IsEmpty || positions == 0 ? Operand.Empty(x.Type, x.Shape.With(axis, positions))
                : x.Known is { } known
                    ? KnownShapes.Lines(known, axis, [.. Enumerable.Range(0, (int)positions).Select(i => from + (i * step))])
                    : c.B.Add("Slice", [x.In(c.B, c.Import.Sizes), c.B.Int64s(from), c.B.Int64s(to), c.B.Int64s(axis), c.B.Int64s(step)]);
        }

        if (x.IsEmpty)
        {
            return x;
        }

        // The first S lines of a table that is long enough; a shorter one is refused by the bound on positions.
        if (start == 0 && step == 1 && end.Value is null && size.Value is { } longest)
        {
            c.Import.Bound(end, longest);
            var bound = c.Import.Sizes.Vector(c.B, [end]);
            return c.B.Add("Slice", [x.In(c.B, c.Import.Sizes), c.B.Int64s(0), bound, c.B.Int64s(axis), c.B.Int64s(1)]);
        }

        throw c.Refused($"the slice [{start}, {end}) of axis {axis} of {x.Shape} has no known length");
    }

    static Operand[] Split(ImportContext c)
    {
        var shape = c.I(0).Shape;
        var axis = shape.Axis(c.Attributes.Int("axis", 0));
        var count = c.Node.Output.Count;
        if (!c.Has(1) && shape[axis].Value is null)
        {
            return [.. c.B.Split(c.V(0), axis, count)];
        }

        var sizes = c.Has(1) ? c.Numbers(1, "the sizes") : EqualParts(shape[axis].Value!.Value, count);
        if (sizes.Length != count || sizes.Any(s => s < 0) || (shape[axis].Value is { } whole && sizes.Sum() != whole))
        {
            throw c.Damaged($"axis {axis} of {shape} does not split into {count} parts of [{string.Join(", ", sizes)}]");
        }

        var starts = sizes.Select((_, i) => sizes.Take(i).Sum()).ToArray();
        return c.I(0).IsEmpty ? [.. sizes.Select(size => Operand.Empty(c.I(0).Type, shape.With(axis, size)))]
            : c.K(0) is { } known ? [.. sizes.Select((size, i) => (Operand)KnownShapes.Lines(known, axis, Counted(starts[i], size)))]
            : [.. c.B.Split(c.V(0), axis, sizes).Select(v => (Operand)v)];
    }

    static long[] Counted(long start, long count) => [.. Enumerable.Range(0, (int)count).Select(i => start + i)];

    // The last part is smaller where they are not equal (opset 18).
    static long[] EqualParts(long size, int count)
    {
        var part = (size + count - 1) / count;
        return [.. Enumerable.Range(0, count).Select(i => Math.Min(part, size - (i * part)))];
    }
}
