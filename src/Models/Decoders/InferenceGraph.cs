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
    /// keys and values of these tokens. Layers are the model's own; only their attention is over the cache.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="form">How attention is written, which says where padding may be.</param>
    /// <param name="isNarrow">Whether it is to compute in 16 bits, in which no table of rotary positions should be.</param>
    /// <exception cref="NotSupportedException">The form is not for heads of this size.</exception>
    public static OnnxGraph Of(DecoderModel model, AttentionForm form = AttentionForm.Plain, bool isNarrow = false)
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
        var attended = composition[FragmentPorts.AttentionMask];
        foreach (var mask in masks)
        {
            composition[mask] = AttentionMask.Cached(
                b, attended, composition[FragmentPorts.InputIds], model.Type, model.WindowOf(mask));
        }

        var grouped = form == AttentionForm.Grouped ? GroupQueryNodes.Of(b, attended) with { Turns = !isNarrow } : null;
        if (grouped is not null && HeadSize(layers[0]) is var size && size % GroupQueryNodes.HeadMultiple != 0)
        {
            throw new NotSupportedException($"`Attention` is grouped, which takes heads of a multiple of {GroupQueryNodes.HeadMultiple} "
                + $"features; those of this {model.Family} have {size}. Leave it out: plain takes any.");
        }

        var presents = new List<(string, Value)>();
        foreach (var (i, layer) in layers.Index())
        {
            composition.Append(layer, $"layers.{i}", (node, inputs) =>
            {
                var (pastKeys, pastValues) = (Past(CachePorts.PastKey(i), inputs[1]!), Past(CachePorts.PastValue(i), inputs[2]!));
                var (read, keys, values) = grouped is null
                    ? Plain(b, node, inputs, pastKeys, pastValues)
                    : grouped.Spell(b, node, inputs, pastKeys, pastValues, model.WindowOf(MaskOf(layer)));
                presents.AddRange([(CachePorts.PresentKey(i), keys), (CachePorts.PresentValue(i), values)]);
                return read;
            });
        }

        composition.Append(model.Logits(), "head");
        return b.Build([(FragmentPorts.Logits, composition[FragmentPorts.Logits]), .. presents]);

        Value Past(string name, Value made) => b.Input(name, made.Type, made.Shape.With(2, CachePorts.Past));
    }

    static Node AttentionOf(Fragment layer) => layer.Graph.Nodes.Single(node => node.Op == CompositeOps.Attention);

    static string MaskOf(Fragment layer) => AttentionOf(layer).Input(3).Name;

    static long HeadSize(Fragment layer) => AttentionOf(layer).Input(0).Shape[3].Value!.Value;

    static (Value Read, Value Keys, Value Values) Plain(GraphBuilder b, Node node, Value?[] inputs, Value pastKeys, Value pastValues)
    {
        var keys = b.ConcatTo(CachePorts.Total, 2, pastKeys, inputs[1]!);
        var values = b.ConcatTo(CachePorts.Total, 2, pastValues, inputs[2]!);
        return (AttentionNodes.Spell(b, node, [inputs[0], keys, values, inputs[3]]), keys, values);
    }
}
