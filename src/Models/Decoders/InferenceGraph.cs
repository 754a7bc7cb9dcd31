using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models.Families;

namespace OrtDpo.Models.Decoders;

/// <summary>
/// The whole model as one graph with a cache of keys and values, with the tables as constants: what inference hosts load. Why it has
/// this form: docs/decisions/0031.
/// </summary>
public static class InferenceGraph
{
    /// <summary>
    /// From <c>input_ids</c>, <c>position_ids</c> (int64 [batch, sequence]), <c>attention_mask</c> (int64 [batch, total], 1 = token) and
    /// the cache of <see cref="CachePorts"/>, which may be empty, to <c>logits</c> [batch, sequence, vocabulary] and the cache with the
    /// keys and values of these tokens. Padding may be on either side. Layers are the model's own; only their attention is over the cache.
    /// </summary>
    public static OnnxGraph Of(DecoderModel model)
    {
        var composition = new Composition("model");
        var b = composition.Builder;
        foreach (var (name, length) in new[]
        {
            (FragmentPorts.InputIds, CachePorts.Sequence),
            (FragmentPorts.AttentionMask, CachePorts.Total),
            (FragmentPorts.PositionIds, CachePorts.Sequence),
        })
        {
            composition[name] = b.Input(name, DataType.Int64, new Shape(CachePorts.Batch, length));
        }

        foreach (var table in model.Tables())
        {
            Array values = model.Type == DataType.Float64 ? table.Values : Array.ConvertAll(table.Values, v => (float)v);
            composition[table.Name] = b.Constant(values, model.Type, table.Shape);
        }

        var layers = model.Layers();
        var masks = layers.Select(MaskOf).ToHashSet(StringComparer.Ordinal);
        composition.Append(model.EmbedStacked().Without(masks), "embed");
        foreach (var mask in masks)
        {
            composition[mask] = AttentionMask.Cached(
                b, composition[FragmentPorts.AttentionMask], composition[FragmentPorts.InputIds], model.Type, model.WindowOf(mask));
        }

        var presents = new List<(string, Value)>();
        foreach (var (i, layer) in layers.Index())
        {
            composition.Append(layer, $"layers.{i}", (node, inputs) => Attention(b, presents, i, node, inputs));
        }

        composition.Append(model.Logits(), "head");
        return b.Build([(FragmentPorts.Logits, composition[FragmentPorts.Logits]), .. presents]);
    }

    static string MaskOf(Fragment layer) => layer.Graph.Nodes.Single(node => node.Op == CompositeOps.Attention).Input(3).Name;

    static Value Attention(GraphBuilder b, List<(string, Value)> presents, int layer, Node node, Value?[] inputs)
    {
        var keys = WithPast(CachePorts.PastKey(layer), CachePorts.PresentKey(layer), inputs[1]!);
        var values = WithPast(CachePorts.PastValue(layer), CachePorts.PresentValue(layer), inputs[2]!);
        return AttentionNodes.Spell(b, node, [inputs[0], keys, values, inputs[3]]);

        Value WithPast(string past, string present, Value made)
        {
            var whole = b.ConcatTo(CachePorts.Total, 2, b.Input(past, made.Type, made.Shape.With(2, CachePorts.Past)), made);
            presents.Add((present, whole));
            return whole;
        }
    }
}
