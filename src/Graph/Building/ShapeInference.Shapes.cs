namespace OrtDpo.Graph.Building;

static partial class ShapeInference
{
    static TensorType[] ShapeOf(ShapeContext c)
    {
        var rank = c.Shape(0).Rank;
        var start = Clamp(c.Attributes.Int("start", 0), rank);
        var end = Clamp(c.Attributes.Int("end", rank), rank);
        return [new(DataType.Int64, new Shape(Math.Max(0, end - start)))];

        static long Clamp(long at, int rank) => Math.Clamp(at < 0 ? at + rank : at, 0, rank);
    }

    static TensorType[] Reshape(ShapeContext c)
    {
        if (KnownShape(c, 1) is { } like)
        {
            return [new(c.I(0).Type, like)];
        }

        var from = c.Shape(0);
        var target = c.ConstantInt64s(1);
        var dims = new Dim[target.Length];
        var rest = from.Elements;
        for (var i = 0; i < target.Length; i++)
        {
            if (target[i] != -1)
            {
                dims[i] = target[i] == 0 ? from[i] : target[i];
                rest = rest.DividedBy(dims[i]) ?? throw Mismatch();
            }
        }

        var open = Array.IndexOf(target, -1L);
        if (open >= 0)
        {
            dims[open] = rest;
        }
        else if (!rest.IsOne)
        {
            throw Mismatch();
        }

        return [new(c.I(0).Type, new Shape(dims))];

        ArgumentException Mismatch() => c.Wrong($"{from} does not reshape to [{string.Join(", ", target)}]");
    }

    static TensorType[] Expand(ShapeContext c)
    {
        var target = KnownShape(c, 1) ?? new Shape(c.ConstantInt64s(1).Select(d => (Dim)d));
        return [new(c.I(0).Type, Shape.Broadcast(c.Shape(0), target) ?? throw c.Wrong($"{c.Shape(0)} does not expand to {target}"))];
    }

    static TensorType[] Transpose(ShapeContext c)
    {
        var shape = c.Shape(0);
        var permutation = c.Attributes.Ints("perm") ?? [.. Enumerable.Range(0, shape.Rank).Reverse().Select(i => (long)i)];
        return permutation.Order().SequenceEqual(Enumerable.Range(0, shape.Rank).Select(i => (long)i))
            ? [new(c.I(0).Type, new Shape(permutation.Select(p => shape[(int)p])))]
            : throw c.Wrong($"the permutation [{string.Join(", ", permutation)}] does not fit rank {shape.Rank}");
    }

    static TensorType[] Unsqueeze(ShapeContext c)
    {
        var axes = c.ConstantInt64s(1);
        var rank = c.Shape(0).Rank + axes.Length;
        var added = axes.Select(a => (int)(a < 0 ? a + rank : a)).ToHashSet();
        var old = new Queue<Dim>(c.Shape(0));
        return [new(c.I(0).Type, new Shape(Enumerable.Range(0, rank).Select(i => added.Contains(i) ? Dim.One : old.Dequeue())))];
    }

    static TensorType[] Squeeze(ShapeContext c)
    {
        var shape = c.Shape(0);
        var axes = c.ConstantInt64s(1).Select(shape.Axis).ToHashSet();
        return axes.All(a => shape[a].IsOne)
            ? [new(c.I(0).Type, new Shape(shape.Where((_, i) => !axes.Contains(i))))]
            : throw c.Wrong($"an axis of [{string.Join(", ", axes)}] in {shape} is not 1");
    }

    static TensorType[] Concat(ShapeContext c)
    {
        var axis = c.Shape(0).Axis(c.Attributes.Int("axis", 0));
        long? total = 0;
        foreach (var input in c.Inputs)
        {
            if (input!.Type != c.I(0).Type || input.Shape.Rank != c.Shape(0).Rank || !input.Shape.With(axis, 1).Equals(c.Shape(0).With(axis, 1)))
            {
                throw c.Wrong($"'{input.Name}' does not fit beside '{c.I(0).Name}' along axis {axis}; types and other dimensions must be the same");
            }

            total += input.Shape[axis].Value;
        }

        // A sum of symbols has no name of its own; halves of equal size do.
        var first = c.Shape(0)[axis];
        Dim dim = total ?? (c.Inputs.All(v => v!.Shape[axis] == first)
            ? first * c.Inputs.Length
            : (Dim)string.Join('+', c.Inputs.Select(v => v!.Shape[axis])));
        return [new(c.I(0).Type, c.Shape(0).With(axis, dim))];
    }

    static TensorType[] Slice(ShapeContext c)
    {
        var shape = c.Shape(0);
        var starts = c.ConstantInt64s(1);
        var ends = ShapeValues.Of(c.Graph, c.I(2)) ?? throw c.Wrong("the ends are not known");
        var axes = c.Has(3) ? c.ConstantInt64s(3) : [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        var steps = c.Has(4) ? c.ConstantInt64s(4) : [.. axes.Select(_ => 1L)];
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = shape.Axis(axes[i]);
            shape = shape.With(axis, ends[i].Value is { } end ? SliceLength(c, shape[axis], starts[i], end, steps[i]) : ends[i]);
        }

        return [new(c.I(0).Type, shape)];
    }

    // pads: as many before each axis, then as many after each.
    static TensorType[] Pad(ShapeContext c)
    {
        var shape = c.Shape(0);
        var pads = c.ConstantInt64s(1);
        if (pads.Length != 2 * shape.Rank)
        {
            throw c.Wrong($"{pads.Length} pads do not fit rank {shape.Rank}; expected {2 * shape.Rank}");
        }

        var dims = shape.Select((dim, i) => (pads[i], pads[shape.Rank + i]) switch
        {
            (0, 0) => dim,
            var (before, after) => dim.Value + before + after ?? throw c.Wrong($"the symbolic dimension {dim} cannot be padded"),
        });
        return [new(c.I(0).Type, new Shape(dims.ToArray()))];
    }

    static Dim SliceLength(ShapeContext c, Dim dim, long start, long end, long step)
    {
        if (dim.Value is not { } size)
        {
            return start == 0 && end >= int.MaxValue && step == 1 ? dim
                : start >= 0 && end > start && end < int.MaxValue && step == 1 ? end - start
                : throw c.Wrong($"a slice [{start}, {end}) of the symbolic dimension {dim} has no known length");
        }

        if (step <= 0)
        {
            throw c.Wrong($"step {step} is not supported; it must be positive");
        }

        var from = Math.Clamp(start < 0 ? start + size : start, 0, size);
        var to = Math.Clamp(end < 0 ? end + size : end, 0, size);
        return Math.Max(0, (to - from + step - 1) / step);
    }

    static TensorType[] Split(ShapeContext c)
    {
        var shape = c.Shape(0);
        var axis = shape.Axis(c.Attributes.Int("axis", 0));
        if (c.Has(1))
        {
            return [.. c.ConstantInt64s(1).Select(size => new TensorType(c.I(0).Type, shape.With(axis, size)))];
        }

        var part = shape[axis].DividedBy(c.Outputs) ?? throw c.Wrong($"dimension {shape[axis]} does not split into {c.Outputs} equal parts");
        return [.. Enumerable.Repeat(new TensorType(c.I(0).Type, shape.With(axis, part)), c.Outputs)];
    }

    // Range(0, Shape(x)[axis], 1): the length is that dimension.
    static TensorType[] Range(ShapeContext c)
    {
        if (ShapeValues.Of(c.Graph, c.I(1)) is [var limit] && ShapeValues.Of(c.Graph, c.I(0)) is [var start] && start == 0)
        {
            return [new(DataType.Int64, new Shape(limit))];
        }

        return [new(c.I(1).Type, new Shape($"range_{c.Node}"))];
    }

    // The shape that an int64 vector describes, where it is made of the shapes of values.
    static Shape? KnownShape(ShapeContext c, int input) =>
        c.Int64s(input) is null && ShapeValues.Of(c.Graph, c.I(input)) is { } dims ? new Shape(dims) : null;
}
