using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Precision;
using OrtDpo.Models.Families;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Runtime.Attention;

/// <summary>
/// Attention in chunks of queries, each against the keys up to its last, so that scores grow with the length and not with its square, and
/// half of them are never made. The backward makes a chunk's scores again. One pair of sessions serves all chunks and layers.
/// </summary>
public sealed class ChunkedAttention : IDisposable
{
    readonly Lazy<GraphSession> forward;
    readonly Lazy<GraphSession> backward;
    readonly ComputeCast casts;

    /// <param name="cut">The layer that it is of.</param>
    /// <param name="window">Positions that a query sees, itself included; null: all.</param>
    /// <param name="compute">The type that it computes in.</param>
    public ChunkedAttention(AttentionCut cut, int? window, DataType compute = DataType.Float32)
    {
        var precision = new PrecisionPass(compute);
        casts = new ComputeCast(compute);
        Heads = cut.Before.Graph.Output(AttentionCut.Query).Shape[2].Value!.Value;
        // Most batches never need them.
        forward = new(() => new GraphSession(precision.Of(Graph(cut, window)), MemoryPurpose.Attention));
        // Keys and values are read by many chunks: their gradients add up in place.
        string[] sums = [AttentionCut.Key, AttentionCut.Value];
        backward = new(() => new GraphSession(
            precision.Of(FragmentGradient.Build(Graph(cut, window), [AttentionCut.Read], [AttentionCut.Query], sums, keep: false))
                .Backward,
            MemoryPurpose.Attention));
    }

    /// <summary>Heads of queries.</summary>
    public long Heads { get; }

    /// <summary>What the heads read, <c>[B, S, heads, D]</c>, of queries, keys and values <c>[B, S, heads or groups, D]</c>.</summary>
    public DeviceTensor Forward(Projections inputs, AttentionRows rows, MemoryPool pool)
    {
        var read = DeviceTensor.Rent(pool, MemoryPurpose.Attention, inputs.Query.Type, inputs.Query.Shape);
        foreach (var chunk in rows.Chunks(Heads))
        {
            var feeds = Feeds(inputs, rows, chunk);
            using var own = Part(read, rows, chunk.Row, chunk.Query, chunk.Queries);
            forward.Value.Run(feeds, pool, new Dictionary<string, DeviceTensor>(StringComparer.Ordinal) { [AttentionCut.Read] = own });
            feeds.DisposeAll();
        }

        return read;
    }

    /// <summary>The gradients of queries, keys and values, in their shapes, from that of what was read.</summary>
    public Projections Backward(Projections inputs, DeviceTensor gradRead, AttentionRows rows, MemoryPool pool)
    {
        var gradients = inputs.Zeros(pool);
        foreach (var chunk in rows.Chunks(Heads))
        {
            var feeds = Feeds(inputs, rows, chunk);
            feeds[FragmentGradient.Gradient(AttentionCut.Read)] = Part(gradRead, rows, chunk.Row, chunk.Query, chunk.Queries);
            var bound = new Dictionary<string, DeviceTensor>(StringComparer.Ordinal)
            {
                [FragmentGradient.Gradient(AttentionCut.Query)] = Part(gradients.Query, rows, chunk.Row, chunk.Query, chunk.Queries),
                [FragmentGradient.Gradient(AttentionCut.Key)] = Part(gradients.Key, rows, chunk.Row, chunk.Key, chunk.Keys),
                [FragmentGradient.Gradient(AttentionCut.Value)] = Part(gradients.Value, rows, chunk.Row, chunk.Key, chunk.Keys),
            };
            feeds[FragmentGradient.Buffer(AttentionCut.Key)] = bound[FragmentGradient.Gradient(AttentionCut.Key)];
            feeds[FragmentGradient.Buffer(AttentionCut.Value)] = bound[FragmentGradient.Gradient(AttentionCut.Value)];
            backward.Value.Run(feeds, pool, bound);
            bound.DisposeAll();
            feeds.DisposeAll();
        }

        // Each key's and value's gradient is a sum over chunks.
        return gradients with
        {
            Key = casts.ToCompute(gradients.Key, MemoryPurpose.Attention, pool),
            Value = casts.ToCompute(gradients.Value, MemoryPurpose.Attention, pool),
        };
    }

    public void Dispose()
    {
        casts.Dispose();
        foreach (var session in new[] { forward, backward }.Where(s => s.IsValueCreated))
        {
            session.Value.Dispose();
        }
    }

    // Of one row: queries [C, heads, D], keys and values [K, groups, D].
    static OnnxGraph Graph(AttentionCut cut, int? window)
    {
        var b = new GraphBuilder("attention");
        var (query, key) = (cut.Before.Graph.Output(AttentionCut.Query), cut.Before.Graph.Output(AttentionCut.Key));
        var q = b.Input(AttentionCut.Query, query.Type, new Shape("C", query.Shape[2], query.Shape[3]));
        var k = b.Input(AttentionCut.Key, key.Type, new Shape("K", key.Shape[2], key.Shape[3]));
        var v = b.Input(AttentionCut.Value, key.Type, new Shape("K", key.Shape[2], key.Shape[3]));
        var mask = AttentionMask.Of(b, Tokens(AttentionCut.Query, "C"), Tokens(AttentionCut.Key, "K"), query.Type, window);
        var read = b.Attention(ByHead(q), ByHead(k), ByHead(v), b.Unsqueeze(mask, 0, 1), cut.Scale, cut.SoftCap);
        return b.Build([(AttentionCut.Read, b.Transpose(b.Squeeze(read, 0), 1, 0, 2))]);

        Value ByHead(Value x) => b.Unsqueeze(b.Transpose(x, 1, 0, 2), 0);

        AttentionMask.Tokens Tokens(string prefix, Dim count) => new(
            b.Input($"{prefix}_segments", DataType.Int64, new Shape(count)), b.Input($"{prefix}_places", DataType.Int64, new Shape(count)),
            b.Input($"{prefix}_positions", DataType.Int64, new Shape(count)));
    }

    static Dictionary<string, DeviceTensor> Feeds(Projections inputs, AttentionRows rows, AttentionChunk chunk)
    {
        var feeds = new Dictionary<string, DeviceTensor>(StringComparer.Ordinal)
        {
            [AttentionCut.Query] = Part(inputs.Query, rows, chunk.Row, chunk.Query, chunk.Queries),
            [AttentionCut.Key] = Part(inputs.Key, rows, chunk.Row, chunk.Key, chunk.Keys),
            [AttentionCut.Value] = Part(inputs.Value, rows, chunk.Row, chunk.Key, chunk.Keys),
        };
        foreach (var (name, tensor) in rows.Tokens(AttentionCut.Query, chunk.Row, chunk.Query, chunk.Queries)
            .Concat(rows.Tokens(AttentionCut.Key, chunk.Row, chunk.Key, chunk.Keys)))
        {
            feeds.Add(name, tensor);
        }

        return feeds;
    }

    // [B, S, heads, D]: tokens of a row, one after the other.
    static DeviceTensor Part(DeviceTensor tensor, AttentionRows rows, int row, int first, int count) =>
        tensor.Flat((row * (long)rows.Width) + first, count, tensor.Shape[2], tensor.Shape[3]);
}
