using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Runtime.Rows;

/// <summary>
/// Adds rows on a device without knowing their numbers. Rows of the same number are first summed by a product with the matrix that says
/// which have it; the first of them carries the sum and the others zero, so that whatever order a scatter adds them in, the result is the
/// same: atomic additions of rows themselves would differ from run to run in the last digits.
/// </summary>
sealed class GraphRowAdder : RowAdder
{
    // Of the matrices of a chunk's rows with all rows.
    const long MatrixBytes = 16L << 20;

    const string Indices = "indices", Own = "own_indices", Places = "places", OwnPlaces = "own_places",
        Rows = "rows", Target = "target", Result = "target_out";

    readonly GraphSession session = new(Graph(), MemoryPurpose.Gradients);

    public override void Add(DeviceTensor target, DeviceTensor indices, DeviceTensor rows, MemoryPool pool)
    {
        var width = rows.Shape[^1];
        var count = indices.Elements;
        using var matrix = target.Flat(0, target.Elements / width, width);
        using var numbers = indices.Flat(0, count);
        using var added = rows.Flat(0, count, width);
        using var places = DeviceTensor.From<long>(pool, DataType.Int64, [.. Enumerable.Range(0, (int)count).Select(i => (long)i)], count);
        var most = Math.Clamp(MatrixBytes / (count * sizeof(float)), 1, count);
        foreach (var (start, length) in Slices.Of(count, most))
        {
            using var own = numbers.Rows(start, length);
            using var ownPlaces = places.Rows(start, length);
            session.Run(
                new Dictionary<string, DeviceTensor>(StringComparer.Ordinal)
                {
                    [Indices] = numbers, [Own] = own, [Places] = places, [OwnPlaces] = ownPlaces, [Rows] = added, [Target] = matrix,
                },
                pool,
                // One tensor as input and output: the scatter that writes it is its only reader.
                new Dictionary<string, DeviceTensor>(StringComparer.Ordinal) { [Result] = matrix });
        }
    }

    public override void Dispose() => session.Dispose();

    // Of C rows among all M.
    static OnnxGraph Graph()
    {
        var b = new GraphBuilder("row_adder");
        var indices = b.Input(Indices, DataType.Int64, new Shape("M"));
        var own = b.Input(Own, DataType.Int64, new Shape("C"));
        var places = b.Input(Places, DataType.Int64, new Shape("M"));
        var ownPlaces = b.Input(OwnPlaces, DataType.Int64, new Shape("C"));
        var rows = b.Input(Rows, DataType.Float32, new Shape("M", "H"));
        var target = b.Input(Target, DataType.Float32, new Shape("N", "H"));

        var isSame = b.Add("Equal", [b.Unsqueeze(own, 1), b.Unsqueeze(indices, 0)]);
        var sums = b.MatMul(b.Cast(isSame, DataType.Float32), rows);
        var isBefore = b.Add("Less", [b.Unsqueeze(places, 0), b.Unsqueeze(ownPlaces, 1)]);
        var earlier = b.Add("ReduceSum", [b.Cast(b.Add("And", [isSame, isBefore]), DataType.Float32), b.Int64s(1)]);
        var isFirst = b.Add("Equal", [earlier, b.Scalar(0, DataType.Float32)]);
        var carried = b.Where(isFirst, sums, b.Scalar(0, DataType.Float32));
        var result = b.Add(
            "ScatterND", [target, b.Unsqueeze(own, -1), carried], Attributes.None.With("reduction", "add"));
        return b.Build([(Result, result)]);
    }
}
