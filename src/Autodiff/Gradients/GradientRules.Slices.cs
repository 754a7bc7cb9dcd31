using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Gradients;

static partial class GradientRules
{
    // Y = X[start:end:step] along some axes: dX = dY between zeros; with steps, dY at the positions that were taken, zeros elsewhere.
    static void Slice(GradientContext c)
    {
        var (x, gradient) = (c.I(0), c.GO());
        var (starts, steps) = (c.KnownInt64s(1), c.Has(4) ? c.Int64s(4) : null);
        var axes = c.Has(3) ? c.Int64s(3) : [.. Enumerable.Range(0, (int)c.I(1).Shape[0].Value!.Value).Select(i => (long)i)];
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = x.Shape.Axis(axes[i]);
            if (steps is not null && steps[i] != 1)
            {
                gradient = Scattered(c, gradient, axis, Taken(c, axis, i), repeating: false);
            }
            else if (x.Shape[axis] != gradient.Shape[axis])
            {
                gradient = starts is not null
                    ? Padded(c, gradient, axis, starts[i])
                    : Padded(c, gradient, axis, c.B.Gather(c.I(1), c.B.Int64s(i)));
            }
        }

        c.Add(0, c.B.ReshapeLike(gradient, x));
    }

    // The positions along the axis that entry i of the slice takes: the same slice of 0, 1, 2, ….
    static Value Taken(GradientContext c, int axis, int entry)
    {
        var b = c.B;
        return b.Add("Slice", [b.Indices(c.I(0), axis), Entry(1), Entry(2), b.Int64s(0), Entry(4)]);

        Value Entry(int input) => c.KnownInt64s(input) is { } known ? b.Int64s(known[entry]) : b.Gather(c.I(input), b.Int64s(entry));
    }

    // Zeros before and after along the axis, to the size of X there, so that what is given begins at the start.
    static Value Padded(GradientContext c, Value gradient, int axis, long start)
    {
        if (c.I(0).Shape[axis].Value is not { } size || gradient.Shape[axis].Value is not { } length)
        {
            return Padded(c, gradient, axis, c.B.Int64s(start));
        }

        var before = Math.Clamp(start < 0 ? start + size : start, 0, size);
        var pads = new long[2 * gradient.Shape.Rank];
        (pads[axis], pads[gradient.Shape.Rank + axis]) = (before, size - before - length);
        return c.B.Add("Pad", [gradient, c.B.Int64s(pads)]);
    }

    // The same for sizes that only running tells; start is a vector of one number.
    static Value Padded(GradientContext c, Value gradient, int axis, Value start)
    {
        var (b, rank) = (c.B, gradient.Shape.Rank);
        var (size, none) = (b.SizeOf(c.I(0), axis), b.Int64s(0));
        var counted = b.Where(b.Add("Less", [start, none]), b.Add(start, size), start);
        var before = b.Add("Max", [b.Add("Min", [counted, size]), none]);
        var after = b.Sub(b.Sub(size, before), b.SizeOf(gradient, axis));
        Value[] pads = [.. Enumerable.Repeat(none, 2 * rank)];
        (pads[axis], pads[rank + axis]) = (before, after);
        return b.Add("Pad", [gradient, b.Concat(0, pads)]);
    }

    // Zeros in the shape of the gradient with X's size along the axis, and there the gradient's slices at the indices [n].
    static Value Scattered(GradientContext c, Value gradient, int axis, Value indices, bool repeating)
    {
        var (b, rank) = (c.B, gradient.Shape.Rank);
        long[] toFront = [axis, .. Enumerable.Range(0, rank).Where(i => i != axis).Select(i => (long)i)];
        var rows = axis == 0 ? gradient : b.Transpose(gradient, toFront);
        var sizes = Enumerable.Range(1, rank - 1).Select(i => b.SizeOf(rows, i));
        var zeros = b.Expand(b.Scalar(0, gradient.Type), b.Concat(0, [b.SizeOf(c.I(0), axis), .. sizes]));
        var sum = repeating
            ? b.Add(CompositeOps.ScatterRowsAdd, [zeros, indices, rows])
            : b.Add("ScatterND", [zeros, b.Unsqueeze(indices, -1), rows]);
        return axis == 0 ? sum : b.Transpose(sum, Inverse(toFront));
    }
}
