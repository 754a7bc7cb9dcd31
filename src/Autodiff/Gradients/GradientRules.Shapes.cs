namespace OrtDpo.Autodiff.Gradients;

static partial class GradientRules
{
    // Reshape, Flatten, Squeeze, Unsqueeze: dX = dY in the shape of X.
    static void Reshape(GradientContext c) => c.Add(0, c.B.ReshapeLike(c.GO(), c.I(0)));

    // dX = dY, summed over the axes that were stretched.
    static void Expand(GradientContext c) => c.Add(0, c.GO());

    // Y = X several times along an axis: dX = the sum of the parts of dY.
    static void Tile(GradientContext c)
    {
        var gradient = c.GO();
        foreach (var (axis, times) in c.Int64s(1).Index().Where(r => r.Item != 1))
        {
            gradient = c.B.Split(gradient, axis, (int)times).Aggregate(c.B.Add);
        }

        c.Add(0, gradient);
    }

    // dX = dY with the inverse permutation.
    static void Transpose(GradientContext c)
    {
        var rank = c.I(0).Shape.Rank;
        var permutation = c.Attributes.Ints("perm") ?? [.. Enumerable.Range(0, rank).Reverse().Select(i => (long)i)];
        c.Add(0, c.B.Transpose(c.GO(), Inverse(permutation)));
    }

    // Y = X above or below a diagonal, zeros elsewhere: dX = dY there, zeros elsewhere.
    static void Trilu(GradientContext c) => c.Add(0, c.B.Add("Trilu", [c.GO(), .. c.Node.Inputs.Skip(1)], c.Attributes));

    // Y = [X₀, X₁, …]: dXᵢ = the part of dY that holds Xᵢ.
    static void Concat(GradientContext c)
    {
        var axis = c.GO().Shape.Axis(c.Attributes.Int("axis", 0));
        var sizes = c.Node.Inputs.Select(v => v!.Shape[axis]).ToArray();
        var parts = sizes.All(size => size == sizes[0]) ? c.B.Split(c.GO(), axis, sizes.Length)
            : sizes.All(size => size.Value is not null) ? c.B.Split(c.GO(), axis, [.. sizes.Select(size => size.Value!.Value)])
            : c.B.Split(c.GO(), axis, c.B.Concat(0, [.. c.Node.Inputs.Select(v => c.B.SizeOf(v!, axis))]), sizes.Length);
        for (var i = 0; i < parts.Length; i++)
        {
            c.Add(i, c.B.ReshapeLike(parts[i], c.I(i)));
        }
    }

    // [Y₀, Y₁, …] = X: dX = [dY₀, dY₁, …], with zeros for outputs that nothing uses.
    static void Split(GradientContext c)
    {
        var parts = c.Node.Outputs.Select((output, i) => c.HasGO(i) ? c.GO(i) : c.B.ZerosLike(output!));
        c.Add(0, c.B.ReshapeLike(c.B.Concat((int)c.Attributes.Int("axis", 0), [.. parts]), c.I(0)));
    }

    static long[] Inverse(long[] permutation) =>
        [.. Enumerable.Range(0, permutation.Length).Select(i => (long)Array.IndexOf(permutation, (long)i))];
}
