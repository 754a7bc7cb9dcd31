using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models.Decoders;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Attention;

/// <summary>A model whose layers are cut around their attention, for batches whose scores are too large to exist at once.</summary>
public sealed class ChunkedModel : IDisposable
{
    readonly long heads;
    readonly long scoreBytes;

    ChunkedModel(Fragment embed, Dictionary<OnnxGraph, (AttentionCut Cut, ChunkedAttention Attention)> layers, long scoreBytes)
    {
        this.scoreBytes = scoreBytes;
        Embed = embed;
        Layers = layers;
        heads = layers.Values.Max(layer => layer.Attention.Heads);
    }

    /// <summary>The embedding without the masks, which grow with the square of the length.</summary>
    public Fragment Embed { get; }

    /// <summary>The cuts of the layers' graphs.</summary>
    public IReadOnlyDictionary<OnnxGraph, (AttentionCut Cut, ChunkedAttention Attention)> Layers { get; }

    /// <summary>The cuts of a model; null where a layer is not of that form, as of a foreign model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="embed">Its embedding, for packed or for stacked rows.</param>
    /// <param name="layers">Its layers.</param>
    /// <param name="scoreBytes">What scores take at most.</param>
    /// <param name="compute">The type that attention computes in.</param>
    public static ChunkedModel? Of(
        DecoderModel model, Fragment embed, IReadOnlyList<Fragment> layers, long scoreBytes = AttentionRows.DefaultScoreBytes,
        DataType compute = DataType.Float32)
    {
        var cuts = new Dictionary<OnnxGraph, (AttentionCut, ChunkedAttention)>();
        foreach (var layer in layers.DistinctBy(l => l.Graph))
        {
            if (AttentionCut.Of(layer) is not { } cut)
            {
                return null;
            }

            cuts.Add(layer.Graph, (cut, new ChunkedAttention(cut, model.WindowOf(cut.Mask), compute)));
        }

        var masks = cuts.Values.Select(c => c.Item1.Mask).ToHashSet();
        return cuts.Count == 0 ? null : new ChunkedModel(embed.Without(masks), cuts, scoreBytes);
    }

    /// <summary>Rows · width² up to which a batch's scores exist whole.</summary>
    public long MostWhole => scoreBytes / (heads * sizeof(float));

    /// <summary>
    /// The rows of a batch whose scores, <c>[B, heads, S, S]</c>, are too large to exist at once; null where they are not.
    /// </summary>
    /// <param name="positions"><c>int64 [B, S]</c>: <c>position_ids</c>, which outlive the result.</param>
    /// <param name="segments"><c>[B · S]</c>: <c>segment_ids</c>, on the host.</param>
    /// <param name="pool">Where tensors get their memory.</param>
    public AttentionRows? Rows(DeviceTensor positions, long[] segments, MemoryPool pool)
    {
        var shape = positions.Shape;
        return shape[0] * shape[1] * shape[1] > MostWhole ? AttentionRows.Of(positions, segments, scoreBytes, pool) : null;
    }

    public void Dispose()
    {
        foreach (var (_, attention) in Layers.Values)
        {
            attention.Dispose();
        }
    }
}
