using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;

namespace OrtDpo.Models.Decoders;

/// <summary>The whole model as one graph.</summary>
public static class ModelComposition
{
    /// <summary>From a packed batch to <c>token_logps</c>, with the tables as inputs; more fragments can follow.</summary>
    /// <param name="model">The model.</param>
    /// <param name="completions">R; 2P where a pair loss follows.</param>
    public static Composition TokenLogps(DecoderModel model, Dim? completions = null)
    {
        var composition = new Composition("model");
        composition.Append(model.Embed(), "embed");
        AppendLayers(composition, model);
        composition.Append(model.Head(completions), "head");
        return composition;
    }

    /// <summary>
    /// From <c>input_ids</c>, <c>attention_mask</c>, <c>position_ids</c> (int64 [batch, sequence]) to <c>logits</c> [batch, sequence,
    /// vocabulary], with the tables as constants: what inference hosts load.
    /// </summary>
    public static OnnxGraph Inference(DecoderModel model)
    {
        var composition = new Composition("model");
        composition[FragmentPorts.PositionIds] = composition.Builder.Input(FragmentPorts.PositionIds, DataType.Int64, new Shape("B", "S"));
        foreach (var table in model.Tables())
        {
            var values = Array.ConvertAll(table.Values, v => (float)v);
            composition[table.Name] = composition.Builder.Constant(values, DataType.Float32, table.Shape);
        }

        composition.Append(model.EmbedStacked(), "embed");
        AppendLayers(composition, model);
        composition.Append(model.Logits(), "head");
        return composition.Builder.Build([(FragmentPorts.Logits, composition[FragmentPorts.Logits])]);
    }

    static void AppendLayers(Composition composition, DecoderModel model)
    {
        foreach (var (i, layer) in model.Layers().Index())
        {
            composition.Append(layer, $"layers.{i}");
        }
    }
}
