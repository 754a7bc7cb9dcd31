using OrtDpo.Graph.Building;

namespace OrtDpo.Graph.Gradients;

static partial class GradientRules
{
    // Reshape, Squeeze, Unsqueeze: dX = dY in the shape of X.
    static void Reshape(GradientContext c) => c.Add(0, c.B.ReshapeLike(c.GO(), c.I(0)));

    // dX = dY, summed over the axes that were stretched.
    static void Expand(GradientContext c) => c.Add(0, c.GO());

    // dX = dY with the inverse permutation.
    static void Transpose(GradientContext c)
    {
        var rank = c.I(0).Shape.Rank;
        var permutation = c.Attributes.Ints("perm") ?? [.. Enumerable.Range(0, rank).Reverse().Select(i => (long)i)];
        c.Add(0, c.B.Transpose(c.GO(), [.. Enumerable.Range(0, rank).Select(i => (long)Array.IndexOf(permutation, (long)i))]));
    }

    // Y = [X₀, X₁, …]: dXᵢ = the part of dY that holds Xᵢ.
    static void Concat(GradientContext c)
    {
        var axis = c.GO().Shape.Axis(c.Attributes.Int("axis", 0));
        var sizes = c.Node.Inputs.Select(v => v!.Shape[axis]).ToArray();
        Value[] parts;
        if (sizes.All(size => size == sizes[0]))
        {
            parts = c.B.Split(c.GO(), axis, sizes.Length);
        }
        else if (sizes.All(size => size.Value is not null))
        {
            parts = c.B.Split(c.GO(), axis, [.. sizes.Select(size => size.Value!.Value)]);
        }
        else
        {
            throw c.Unsupported($"the parts along axis {axis} have sizes {string.Join(", ", sizes)}; equal sizes, or numbers, have a gradient");
        }

        for (var i = 0; i < parts.Length; i++)
        {
            c.Add(i, parts[i]);
        }
    }

    // [Y₀, Y₁, …] = X: dX = [dY₀, dY₁, …], with zeros for outputs that nothing uses.
    static void Split(GradientContext c)
    {
        var parts = c.Node.Outputs.Select((output, i) => c.HasGO(i) ? c.GO(i) : c.B.ZerosLike(output!));
        c.Add(0, c.B.Concat((int)c.Attributes.Int("axis", 0), [.. parts]));
    }

    // dX = dY between zeros.
    static void Slice(GradientContext c)
    {
        var shape = c.I(0).Shape;
        var starts = c.Int64s(1);
        var axes = c.Node.Inputs.Length > 3 ? c.Int64s(3) : [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        var pads = new long[2 * shape.Rank];
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = shape.Axis(axes[i]);
            if (shape[axis] == c.GO().Shape[axis])
            {
                continue;
            }

            if (shape[axis].Value is not { } size || (c.Node.Inputs.Length > 4 && c.Int64s(4)[i] != 1))
            {
                throw c.Unsupported($"the slice of axis {axis} of {shape} has a symbolic size, or a step; sizes that are numbers, and step 1, have a gradient");
            }

            pads[axis] = Math.Clamp(starts[i] < 0 ? starts[i] + size : starts[i], 0, size);
            pads[shape.Rank + axis] = size - pads[axis] - c.GO().Shape[axis].Value!.Value;
        }

        c.Add(0, c.B.Add("Pad", [c.GO(), c.B.Int64s(pads)]));
    }
}
