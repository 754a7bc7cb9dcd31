using OrtDpo.Autodiff.Building;

namespace OrtDpo.Models.Import;

/// <summary>Operators that move known contents without computing.</summary>
static class KnownShapes
{
    public static long[]? Broadcast(long[] a, long[] b) =>
        Shape.Broadcast(new Shape(a.Select(n => (Dim)n)), new Shape(b.Select(n => (Dim)n)))?.Select(d => d.Value!.Value).ToArray();

    /// <summary>Repeated to <paramref name="shape"/>, to which its own broadcasts.</summary>
    public static Known Expand(Known x, long[] shape) => x.Shape.AsSpan().SequenceEqual(shape) ? x : x.Pick(shape, Each(shape).Select(at =>
    {
        var source = 0L;
        var added = shape.Length - x.Shape.Length;
        for (var axis = 0; axis < x.Shape.Length; axis++)
        {
            source = (source * x.Shape[axis]) + (x.Shape[axis] == 1 ? 0 : at[axis + added]);
        }

        return (int)source;
    }));

    /// <summary>
    /// The lines of <paramref name="x"/> at <paramref name="indices"/> along an axis, which the shape of the indices replaces.
    /// </summary>
    public static Known Gather(Known x, Known indices, int axis)
    {
        var chosen = indices.Numbers!;
        var lines = Lines(x, axis, [.. chosen.Select(i => i < 0 ? i + x.Shape[axis] : i)]);
        return lines.In([.. x.Shape[..axis], .. indices.Shape, .. x.Shape[(axis + 1)..]]);
    }

    /// <summary>The lines at these positions of an axis.</summary>
    public static Known Lines(Known x, int axis, long[] positions)
    {
        var inner = x.Shape[(axis + 1)..].Aggregate(1L, (a, b) => a * b);
        var outer = x.Shape[..axis].Aggregate(1L, (a, b) => a * b);
        var sources = from o in Enumerable.Range(0, (int)outer)
                      from p in positions
                      from i in Enumerable.Range(0, (int)inner)
                      select (int)((((o * x.Shape[axis]) + p) * inner) + i);
        return x.Pick([.. x.Shape[..axis], positions.Length, .. x.Shape[(axis + 1)..]], sources);
    }

    /// <summary>Vectors one after the other; null where their contents are of several kinds.</summary>
    public static Known? Concat(IReadOnlyList<Known> parts)
    {
        var length = parts.Sum(p => p.Count);
        return parts[0].Data switch
        {
            Dim[] when parts.All(p => p.Data is Dim[]) => new(parts[0].Type, [length], parts.SelectMany(p => (Dim[])p.Data).ToArray()),
            double[] when parts.All(p => p.Data is double[]) =>
                new(parts[0].Type, [length], parts.SelectMany(p => (double[])p.Data).ToArray()),
            bool[] when parts.All(p => p.Data is bool[]) => new(parts[0].Type, [length], parts.SelectMany(p => (bool[])p.Data).ToArray()),
            _ => null,
        };
    }

    // All positions of a shape, row-major.
    static IEnumerable<long[]> Each(long[] shape)
    {
        var count = shape.Aggregate(1L, (a, b) => a * b);
        for (var flat = 0L; flat < count; flat++)
        {
            var at = new long[shape.Length];
            var rest = flat;
            for (var axis = shape.Length - 1; axis >= 0; axis--)
            {
                (rest, at[axis]) = Math.DivRem(rest, shape[axis]);
            }

            yield return at;
        }
    }
}
