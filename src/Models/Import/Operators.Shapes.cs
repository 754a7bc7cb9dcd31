using OrtDpo.Autodiff.Building;

namespace OrtDpo.Models.Import;

static partial class Operators
{
    static Operand[] ShapeOf(ImportContext c)
    {
        var shape = c.I(0).Shape;
        var start = Clamp(c.Attributes.Int("start", 0));
        var end = Clamp(c.Attributes.Int("end", shape.Rank));
        return [Known.Vector([.. shape.Skip(start).Take(end - start)])];

        int Clamp(long at) => (int)Math.Clamp(at < 0 ? at + shape.Rank : at, 0, shape.Rank);
    }

    static Operand[] Size(ImportContext c) => [new Known(DataType.Int64, [], new[] { c.I(0).Shape.Elements })];

    static Operand[] Reshape(ImportContext c)
    {
        var from = c.I(0).Shape;
        var target = c.Dims(1, "the target shape");
        var dims = new Dim[target.Length];
        var rest = from.Elements;
        for (var i = 0; i < target.Length; i++)
        {
            if (target[i] == -1)
            {
                continue;
            }

            dims[i] = target[i] != 0 || c.Attributes.Int("allowzero", 0) != 0 ? target[i]
                : i < from.Rank ? from[i]
                : throw c.Damaged($"it keeps dimension {i} of {from}, which has {from.Rank}");
            rest = dims[i] == 0 ? rest : rest.DividedBy(dims[i]) ?? throw Mismatch();
        }

        var open = Array.IndexOf(target, -1);
        if (open >= 0)
        {
            dims[open] = rest;
        }

        return [Reshaped(c, new Shape(dims))];

        NotSupportedException Mismatch() => c.Refused($"{from} does not reshape to [{string.Join(", ", target)}]");
    }

    static Operand[] Flatten(ImportContext c)
    {
        var shape = c.I(0).Shape;
        var axis = c.Attributes.Int("axis", 1);
        var split = (int)(axis < 0 ? axis + shape.Rank : axis);
        return [Reshaped(c, new Shape(new Shape(shape.Take(split)).Elements, new Shape(shape.Skip(split)).Elements))];
    }

    static Operand[] Unsqueeze(ImportContext c)
    {
        var axes = c.Numbers(1, "the axes");
        var rank = c.I(0).Shape.Rank + axes.Length;
        var added = axes.Select(a => (int)(a < 0 ? a + rank : a)).ToHashSet();
        if (added.Count != axes.Length || added.Any(a => a < 0 || a >= rank))
        {
            throw c.Damaged($"the axes [{string.Join(", ", axes)}] do not fit rank {rank}");
        }

        var old = new Queue<Dim>(c.I(0).Shape);
        var target = new Shape(Enumerable.Range(0, rank).Select(i => added.Contains(i) ? Dim.One : old.Dequeue()));
        return [Reshaped(c, target, x => c.B.Unsqueeze(x, axes))];
    }

    static Operand[] Squeeze(ImportContext c)
    {
        var shape = c.I(0).Shape;
        var axes = c.Has(1)
            ? c.Numbers(1, "the axes")
            : [.. Enumerable.Range(0, shape.Rank).Where(i => shape[i].IsOne).Select(i => (long)i)];
        var removed = axes.Select(shape.Axis).ToHashSet();
        return [Reshaped(c, new Shape(shape.Where((_, i) => !removed.Contains(i))), x => c.B.Squeeze(x, axes))];
    }

    // The same elements in another shape, whether they are known, none, or a value.
    static Operand Reshaped(ImportContext c, Shape target, Func<Value, Value>? write = null) =>
        c.I(0).IsEmpty ? Operand.Empty(c.I(0).Type, target)
        : c.K(0) is { } known && target.All(d => d.Value is not null) ? known.Count == target.Elements
            ? known.In([.. target.Select(d => d.Value!.Value)])
            : throw c.Damaged($"{c.I(0).Shape} does not reshape to {target}")
        : c.I(0).Shape.Equals(target) ? c.I(0)
        : write is not null ? write(c.V(0))
        : c.Import.Reshape(c.V(0), target);

    static Operand[] Transpose(ImportContext c)
    {
        var shape = c.I(0).Shape;
        var permutation = c.Attributes.Ints("perm") ?? [.. Enumerable.Range(0, shape.Rank).Reverse().Select(i => (long)i)];
        if (!permutation.Order().SequenceEqual(Enumerable.Range(0, shape.Rank).Select(i => (long)i)))
        {
            throw c.Damaged($"the permutation [{string.Join(", ", permutation)}] does not fit {shape}");
        }

        return permutation.Select((p, i) => p == i).All(same => same) ? [c.I(0)]
            : c.I(0).IsEmpty ? [Operand.Empty(c.I(0).Type, new Shape(permutation.Select(p => shape[(int)p])))]
            : [c.B.Transpose(c.V(0), permutation)];
    }

    // A past without elements adds nothing.
    static Operand[] Concat(ImportContext c)
    {
        var axis = c.I(0).Shape.Axis(c.Attributes.Int("axis", 0));
        if (Enumerable.Range(0, c.Count).FirstOrDefault(i => c.I(i).Shape.Rank != c.I(0).Shape.Rank) is > 0 and var other)
        {
            throw c.Damaged($"input {other} has the shape {c.I(other).Shape}, and input 0 {c.I(0).Shape}; expected the same rank");
        }

        var parts = Enumerable.Range(0, c.Count).Where(i => c.I(i).Shape[axis] != 0).ToList();
        if (parts.Count == 0)
        {
            return [c.I(0)];
        }

        var known = parts.Select(c.K).OfType<Known>().ToList();
        return parts.Count == 1 ? [c.I(parts[0])]
            : known.Count == parts.Count && c.I(0).Shape.Rank == 1 && KnownShapes.Concat(known) is { } joined ? [joined]
            : [c.B.Concat(axis, [.. parts.Select(c.V)])];
    }

    static Operand[] Expand(ImportContext c)
    {
        var target = new Shape(c.Dims(1, "the target shape"));
        var shape = Shape.Broadcast(c.I(0).Shape, target) ?? throw c.Refused($"{c.I(0).Shape} does not expand to {target}");
        return c.I(0).Shape.Equals(shape) ? [c.I(0)]
            : shape.Any(d => d == 0) ? [Operand.Empty(c.I(0).Type, shape)]
            : c.K(0) is { } known && Small(shape) is { } sizes ? [KnownShapes.Expand(known, sizes)]
            : [c.Import.Expand(c.V(0), shape)];
    }

    static Operand[] Tile(ImportContext c)
    {
        var (shape, repeats) = (c.I(0).Shape, c.Dims(1, "the repeats"));
        if (repeats.Length != shape.Rank)
        {
            throw c.Damaged($"{repeats.Length} repeats do not fit {shape}");
        }

        return shape.Select((d, i) => repeats[i].IsOne || d.IsOne).All(fits => fits)
            ? [c.Import.Expand(c.V(0), new Shape(shape.Select((d, i) => d * repeats[i])))]
            : throw c.Refused($"{shape} is repeated [{string.Join(", ", repeats)}] times; only axes of size 1 can be repeated");
    }

    static Operand[] ConstantOfShape(ImportContext c)
    {
        var shape = new Shape(c.Dims(0, "the shape"));
        var (type, element) = c.Attributes.Find("value")?.T is { } tensor
            ? c.Import.File.Read(tensor).Elements()
            : (DataType.Float32, new float[1]);
        return element.Length != 1 ? throw c.Damaged($"its value has {element.Length} elements; expected one")
            : shape.Any(d => d == 0) ? [Operand.Empty(type, shape)]
            : Small(shape) is { } sizes ? [KnownShapes.Expand(Known.Of(type, [], element)!, sizes)]
            : [c.Import.Expand(c.B.Constant(element, type, Shape.Scalar), shape)];
    }

    // 0, 1, … in order to be known; other ranges run in the graph.
    static Operand[] Range(ImportContext c)
    {
        if (c.K(0)?.Numbers is [var start] && c.K(1)?.Numbers is [var limit] && c.K(2)?.Numbers is [var delta and not 0])
        {
            var count = Math.Max(0, (limit - start + delta - Math.Sign(delta)) / delta);
            if (count <= Known.MostElements)
            {
                return [Known.Of(c.I(0).Type, [count], Enumerable.Range(0, (int)count).Select(i => start + (i * delta)).ToArray())!];
            }
        }

        var first = c.Size(0, "the start");
        var last = c.Size(1, "the limit");
        if (c.K(2)?.Numbers is not [1] || KnownArithmetic.Binary("Sub", c.K(1)!, c.K(0)!)?.Dims is not [var length])
        {
            throw c.Refused($"the range from {first} to {last} has no known length");
        }

        // From 0 and shifted: so the length is the limit.
        var counted = c.B.Add("Range", [c.B.Int64(0), Scalar(length), c.B.Int64(1)]);
        return [c.B.Cast(first == 0 ? counted : c.B.Add(counted, Scalar(first)), c.I(0).Type)];

        Value Scalar(Dim size) => ((Operand)new Known(DataType.Int64, [], new[] { size })).In(c.B, c.Import.Sizes);
    }

    static Operand[] Trilu(ImportContext c)
    {
        var upper = Attributes.None.With("upper", c.Attributes.Int("upper", 1));
        return c.Emit("Trilu", c.Has(1) ? [c.V(0), c.B.Int64(c.Number(1, "the diagonal"))] : [c.V(0)], upper);
    }

    static long[]? Small(Shape shape) =>
        shape.All(d => d.Value is not null) && shape.Elements.Value <= Known.MostElements ? [.. shape.Select(d => d.Value!.Value)] : null;
}
