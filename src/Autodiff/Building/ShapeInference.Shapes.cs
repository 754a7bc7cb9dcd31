namespace OrtDpo.Autodiff.Building;

static partial class ShapeInference
{
    static TensorType[] ShapeOf(ShapeContext c)
    {
        var (start, end) = ShapeValues.Part(c.Shape(0).Rank, c.Attributes);
        return [new(DataType.Int64, new Shape(end - start))];
    }

    static TensorType[] Size(ShapeContext c) => c.Has(0) ? [new(DataType.Int64, Shape.Scalar)] : throw c.Wrong("its input is missing");

    static TensorType[] Reshape(ShapeContext c)
    {
        var from = c.Shape(0);
        var target = c.Dims(1);
        if (c.Int64s(1) is null && !target.Any(dim => dim.Value <= 0))
        {
            // The shape of another value: that it has as many elements is not always known here.
            return [new(c.I(0).Type, new Shape(target))];
        }

        var dims = new Dim[target.Length];
        var rest = from.Elements;
        for (var i = 0; i < target.Length; i++)
        {
            if (target[i].Value != -1)
            {
                dims[i] = target[i].Value != 0 ? target[i] : i < from.Rank ? from[i] : throw Mismatch();
                rest = rest.DividedBy(dims[i]) ?? throw Mismatch();
            }
        }

        var open = Array.FindIndex(target, dim => dim.Value == -1);
        if (open >= 0)
        {
            dims[open] = rest;
        }
        else if (!rest.IsOne)
        {
            throw Mismatch();
        }

        return [new(c.I(0).Type, new Shape(dims))];

        ShapeException Mismatch() => c.Wrong($"{from} does not reshape to [{string.Join(", ", target)}]");
    }

    // Two dimensions: those before the axis, and those from it on.
    static TensorType[] Flatten(ShapeContext c)
    {
        var shape = c.Shape(0);
        var axis = (int)c.Attributes.Int("axis", 1);
        axis = axis < 0 ? axis + shape.Rank : axis;
        return axis >= 0 && axis <= shape.Rank
            ? [new(c.I(0).Type, new Shape(new Shape(shape.Take(axis)).Elements, new Shape(shape.Skip(axis)).Elements))]
            : throw c.Wrong($"axis {axis} does not exist in {shape}");
    }

    static TensorType[] Expand(ShapeContext c)
    {
        var target = new Shape(c.Dims(1));
        return [new(c.I(0).Type, Shape.Broadcast(c.Shape(0), target) ?? throw c.Wrong($"{c.Shape(0)} does not expand to {target}"))];
    }

    static TensorType[] Tile(ShapeContext c)
    {
        var shape = c.Shape(0);
        var repeats = c.Dims(1);
        return repeats.Length == shape.Rank
            ? [new(c.I(0).Type, new Shape(shape.Zip(repeats, (dim, times) => dim * times)))]
            : throw c.Wrong($"{repeats.Length} repeats do not fit rank {shape.Rank}");
    }

    // Zeros of float32; graphs that want another number or type expand a constant.
    static TensorType[] ConstantOfShape(ShapeContext c) => [new(DataType.Float32, new Shape(c.Dims(0)))];

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
        if (added.Count != axes.Length || added.Any(a => a < 0 || a >= rank))
        {
            throw c.Wrong($"the axes [{string.Join(", ", axes)}] do not fit rank {rank}");
        }

        var old = new Queue<Dim>(c.Shape(0));
        return [new(c.I(0).Type, new Shape(Enumerable.Range(0, rank).Select(i => added.Contains(i) ? Dim.One : old.Dequeue())))];
    }

    // Without axes, every dimension of 1 goes.
    static TensorType[] Squeeze(ShapeContext c)
    {
        var shape = c.Shape(0);
        var axes = c.Has(1)
            ? c.ConstantInt64s(1).Select(shape.Axis).ToHashSet()
            : [.. Enumerable.Range(0, shape.Rank).Where(i => shape[i].IsOne)];
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
            if (input!.Type != c.I(0).Type || input.Shape.Rank != c.Shape(0).Rank
                || !input.Shape.With(axis, 1).Equals(c.Shape(0).With(axis, 1)))
            {
                throw c.Wrong(
                    $"'{input.Name}' does not fit beside '{c.I(0).Name}' along axis {axis}; types and other dimensions must be the same");
            }

            total += input.Shape[axis].Value;
        }

        // A sum of symbols has no name of its own; halves of equal size do.
        var first = c.Shape(0)[axis];
        var dim = total ?? (c.Inputs.All(v => v!.Shape[axis] == first)
            ? first * c.Inputs.Length
            : (Dim)string.Join('+', c.Inputs.Select(v => v!.Shape[axis])));
        return [new(c.I(0).Type, c.Shape(0).With(axis, dim))];
    }

    // pads: as many before each axis, then as many after each.
    static TensorType[] Pad(ShapeContext c)
    {
        var shape = c.Shape(0);
        if (c.Int64s(1) is not { } pads)
        {
            return [new(c.I(0).Type, new Shape(shape.Select((_, i) => c.Unknown(i))))];
        }

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

    static TensorType[] Split(ShapeContext c)
    {
        var shape = c.Shape(0);
        var axis = shape.Axis(c.Attributes.Int("axis", 0));
        if (c.Has(1))
        {
            var sizes = ShapeValues.Of(c.Graph, c.I(1)) ?? [.. Enumerable.Range(0, c.Outputs).Select(c.Unknown)];
            return [.. sizes.Select(size => new TensorType(c.I(0).Type, shape.With(axis, size)))];
        }

        // The last of unequal parts is the smaller one.
        var part = shape[axis].Value is { } whole
            ? (whole + c.Outputs - 1) / c.Outputs
            : shape[axis].DividedBy(c.Outputs) ?? throw c.Wrong($"dimension {shape[axis]} does not split into {c.Outputs} equal parts");
        var last = shape[axis].Value is { } size ? size - ((c.Outputs - 1) * part.Value!.Value) : part;
        return [.. Enumerable.Range(1, c.Outputs).Select(i => new TensorType(c.I(0).Type, shape.With(axis, i < c.Outputs ? part : last)))];
    }

    // Range(0, n, 1): the length is n, where n is known.
    static TensorType[] Range(ShapeContext c)
    {
        if (ShapeValues.Of(c.Graph, c.I(1)) is [var limit] && ShapeValues.Of(c.Graph, c.I(0)) is [var start] && start == 0
            && ShapeValues.Of(c.Graph, c.I(2)) is [var step] && step.IsOne)
        {
            return [new(c.I(1).Type, new Shape(limit))];
        }

        return [new(c.I(1).Type, new Shape(c.Unknown(0)))];
    }
}
