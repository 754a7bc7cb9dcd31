using OrtDpo.Autodiff.Building;

namespace OrtDpo.Models.Import;

/// <summary>
/// A value whose contents are known while a graph is read: exporters compute shapes with operators, and what they compute must become a
/// shape again. Integers are dimensions, so that <c>Shape(x)[0] · 4</c> is known as <c>4·B</c>.
/// </summary>
/// <param name="Type">The element type.</param>
/// <param name="Shape">The sizes, slowest first.</param>
/// <param name="Data"><c>Dim[]</c> for integers, <c>double[]</c> for real numbers, <c>bool[]</c>.</param>
sealed record Known(DataType Type, long[] Shape, Array Data)
{
    /// <summary>Larger contents are tensors and no arithmetic of shapes.</summary>
    public const int MostElements = 4096;

    public int Count => Data.Length;

    /// <summary>The contents of a tensor; null where there are too many.</summary>
    public static Known? Of(DataType type, long[] shape, Array data) => data.Length > MostElements ? null : data switch
    {
        long[] n => new(type, shape, Array.ConvertAll(n, x => (Dim)x)),
        int[] n => new(type, shape, Array.ConvertAll(n, x => (Dim)x)),
        float[] n => new(type, shape, Array.ConvertAll(n, x => (double)x)),
        _ => new(type, shape, data),
    };

    public static Known Vector(params Dim[] sizes) => new(DataType.Int64, [sizes.Length], sizes);

    /// <summary>The integers; null where the contents are of another kind.</summary>
    public Dim[]? Dims => Data as Dim[];

    /// <summary>The integers, where no symbol is among them.</summary>
    public long[]? Numbers => Data is Dim[] dims && Array.TrueForAll(dims, d => d.Value is not null)
        ? Array.ConvertAll(dims, d => d.Value!.Value)
        : null;

    /// <summary>The elements at <paramref name="sources"/>, in a new shape.</summary>
    public Known Pick(long[] shape, IEnumerable<int> sources)
    {
        Array picked = Data switch
        {
            Dim[] d => sources.Select(i => d[i]).ToArray(),
            double[] d => sources.Select(i => d[i]).ToArray(),
            bool[] d => sources.Select(i => d[i]).ToArray(),
            _ => throw new InvalidOperationException($"Known contents are {Data.GetType().Name}."),
        };
        return new Known(Type, shape, picked);
    }

    /// <summary>The same elements in another shape.</summary>
    public Known In(params long[] shape) => this with { Shape = shape };

    /// <summary>
    /// The contents as a graph keeps them: <c>long[]</c>, <c>int[]</c>, <c>float[]</c>, <c>double[]</c> or <c>bool[]</c>; null where a
    /// symbol is among them.
    /// </summary>
    public Array? Constant => (Type, Data) switch
    {
        (DataType.Int64, Dim[]) => Numbers,
        (DataType.Int32, Dim[]) => Numbers is { } numbers ? Array.ConvertAll(numbers, n => checked((int)n)) : null,
        (DataType.Float32, double[] d) => Array.ConvertAll(d, x => (float)x),
        _ => Data,
    };
}
