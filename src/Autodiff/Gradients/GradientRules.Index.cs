using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Gradients;

static partial class GradientRules
{
    // Y = slices of X: dX has the slices of dY at their indices, those of equal index added.
    static void Gather(GradientContext c)
    {
        var (b, data, indices) = (c.B, c.I(0).Shape, c.B.Cast(c.I(1), DataType.Int64));
        var axis = data.Axis(c.Attributes.Int("axis", 0));
        if (axis == 0)
        {
            var count = indices.Shape.Elements;
            c.AddRows(0, b.Reshape(indices, new Shape(count)), b.Reshape(c.GO(), new Shape([count, .. data.Skip(1)])));
        }
        else if (c.Needs(0))
        {
            c.Add(0, b.ReshapeLike(GatheredAlong(c, axis, indices), c.I(0)));
        }
    }

    static Value GatheredAlong(GradientContext c, int axis, Value indices)
    {
        var (b, gradient) = (c.B, c.GO());
        var known = c.KnownInt64s(1);
        if (known is [var single])
        {
            return Padded(c, indices.Shape.Rank == 0 ? b.Unsqueeze(gradient, axis) : gradient, axis, single);
        }

        // One axis of indices in place of theirs.
        if (indices.Shape.Rank != 1)
        {
            var rank = c.I(0).Shape.Rank;
            var sizes = Enumerable.Range(0, rank).Select(i => i == axis ? b.Int64s(-1) : b.SizeOf(c.I(0), i));
            gradient = b.Add("Reshape", [gradient, b.Concat(0, [.. sizes])]);
            indices = b.Add("Reshape", [indices, b.Int64s(-1)]);
        }

        return Scattered(c, gradient, axis, indices, repeating: !AreDistinct(known, c.I(0).Shape[axis]));
    }

    // Y = X at indices in each line along the axis: dX has dY at these indices, those of equal index added, zeros elsewhere.
    static void GatherElements(GradientContext c)
    {
        var axis = c.I(0).Shape.Axis(c.Attributes.Int("axis", 0));
        var attributes = Attributes.None.With("axis", (long)axis);
        var repeating = !c.I(1).Shape[axis].IsOne;
        c.Add(0, () => c.B.Add(
            "ScatterElements", [c.B.ZerosLike(c.I(0)), c.I(1), c.GO()], repeating ? attributes.With("reduction", "add") : attributes));
    }

    // Y = X at coordinates: dX has dY at them, those of equal coordinates added, zeros elsewhere.
    static void GatherND(GradientContext c) => c.Add(0, () => c.B.Add(
        "ScatterND", [c.B.ZerosLike(c.I(0)), Coordinates(c), c.GO()], Attributes.None.With("reduction", "add")));

    // The indices with the positions along the batch axes, which they leave out, before theirs.
    static Value Coordinates(GradientContext c)
    {
        var (b, indices, batch) = (c.B, c.I(1), (int)c.Attributes.Int("batch_dims", 0));
        if (batch == 0)
        {
            return indices;
        }

        var rank = indices.Shape.Rank;
        var sizes = b.Concat(0, [.. Enumerable.Range(0, rank - 1).Select(i => b.SizeOf(indices, i)), b.Int64s(1)]);
        var positions = Enumerable.Range(0, batch).Select(axis =>
            b.Expand(b.Unsqueeze(b.Indices(indices, axis), AllBut(axis)), sizes));
        return b.Concat(-1, [.. positions, indices]);

        long[] AllBut(int axis) => [.. Enumerable.Range(0, rank).Where(i => i != axis).Select(i => (long)i)];
    }

    // Whether the indices are known and no two, negative ones counted from the end, are equal.
    static bool AreDistinct(long[]? indices, Dim size) =>
        indices is not null && (size.Value ?? (indices.All(i => i >= 0) ? 0 : null)) is { } n
        && indices.Select(i => i < 0 ? i + n : i).Distinct().Count() == indices.Length;
}
