using OrtDpo.Autodiff.Building;
using OrtDpo.Batches;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Attention;

/// <summary>What the rows of a batch tell attention that runs in chunks: who sees whom, and how the rows are divided.</summary>
public sealed class AttentionRows : IDisposable
{
    /// <summary>Bytes of scores above which attention runs in chunks, and that a chunk's scores take at most: 32 MiB.</summary>
    public const long DefaultScoreBytes = 32L << 20;

    // Fewer queries run their products slowly.
    const int LeastQueries = 16;

    readonly long scoreBytes;
    readonly long[] segments;
    readonly DeviceTensor segmentsTensor;
    readonly DeviceTensor places;
    readonly DeviceTensor positions;

    AttentionRows(int rows, int width, long[] segments, DeviceTensor positions, long scoreBytes, MemoryPool pool)
    {
        this.scoreBytes = scoreBytes;
        Rows = rows;
        Width = width;
        this.segments = segments;
        this.positions = positions;
        segmentsTensor = DeviceTensor.From<long>(pool, DataType.Int64, segments, rows * width);
        places = DeviceTensor.From<long>(pool, DataType.Int64, [.. Enumerable.Range(0, width).Select(i => (long)i)], width);
    }

    /// <summary>Rows: B.</summary>
    public int Rows { get; }

    /// <summary>Places in a row: S.</summary>
    public int Width { get; }

    /// <summary>The rows of a batch.</summary>
    /// <param name="positions"><c>int64 [B, S]</c>: <c>position_ids</c>, which outlive this.</param>
    /// <param name="segments"><c>[B · S]</c>: <c>segment_ids</c>, on the host.</param>
    /// <param name="scoreBytes">What a chunk's scores take at most.</param>
    /// <param name="pool">Where tensors get their memory.</param>
    public static AttentionRows Of(DeviceTensor positions, long[] segments, long scoreBytes, MemoryPool pool) =>
        new((int)positions.Shape[0], (int)positions.Shape[1], segments, positions, scoreBytes, pool);

    /// <summary>The chunks of all rows.</summary>
    public IEnumerable<AttentionChunk> Chunks(long heads)
    {
        var most = (int)Math.Clamp(scoreBytes / (heads * Width * sizeof(float)), Math.Min(LeastQueries, Width), Width);
        var count = (Width + most - 1) / most;
        for (var row = 0; row < Rows; row++)
        {
            for (var i = 0; i < count; i++)
            {
                var (first, end) = ((int)((long)Width * i / count), (int)((long)Width * (i + 1) / count));
                var key = FirstKey(row, first);
                yield return new(row, first, end - first, key, end - key);
            }
        }
    }

    /// <summary>The token inputs of a chunk's graph, under the names that <paramref name="prefix"/> begins.</summary>
    internal IEnumerable<(string Name, DeviceTensor Tensor)> Tokens(string prefix, int row, int first, int count)
    {
        yield return ($"{prefix}_segments", segmentsTensor.Rows((row * Width) + first, count));
        yield return ($"{prefix}_places", places.Rows(first, count));
        yield return ($"{prefix}_positions", positions.Flat((row * (long)Width) + first, count));
    }

    public void Dispose()
    {
        segmentsTensor.Dispose();
        places.Dispose();
    }

    // The first token of the query's example: nobody sees beyond his own.
    int FirstKey(int row, int query)
    {
        var start = row * Width;
        var example = segments[start + query] / PackedBatch.SegmentStride;
        var first = query;
        while (first > 0 && segments[start + first - 1] >= 0 && segments[start + first - 1] / PackedBatch.SegmentStride == example)
        {
            first--;
        }

        return first;
    }
}
