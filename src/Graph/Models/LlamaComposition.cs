using OrtDpo.Graph.Building;
using OrtDpo.Graph.Fragments;

namespace OrtDpo.Graph.Models;

/// <summary>The whole model as one graph.</summary>
public static class LlamaComposition
{
    /// <summary>From a packed batch to <c>token_logps</c>, with the rotary tables as inputs; more fragments can follow.</summary>
    /// <param name="model">The model.</param>
    /// <param name="completions">R; 2P where a pair loss follows.</param>
    public static Composition TokenLogps(LlamaModel model, Dim? completions = null)
    {
        var composition = new Composition("model");
        composition.Append(model.Embed(), "embed");
        AppendLayers(composition, model);
        composition.Append(model.Head(completions), "head");
        return composition;
    }

    /// <summary>
    /// From <c>input_ids</c>, <c>attention_mask</c>, <c>position_ids</c> (int64 [batch, sequence]) to <c>logits</c> [batch, sequence, vocabulary],
    /// with the rotary tables as constants: what inference hosts load.
    /// </summary>
    public static OnnxGraph Inference(LlamaModel model)
    {
        var composition = new Composition("model");
        var (cos, sin) = RotaryTables.Build(model.Config);
        composition.Append(model.EmbedStacked(), "embed");
        composition["position_ids"] = composition.Builder.Input("position_ids", DataType.Int64, composition["input_ids"].Shape);
        composition["rope_cos"] = Table(cos);
        composition["rope_sin"] = Table(sin);
        AppendLayers(composition, model);
        composition.Append(model.Logits(), "head");
        return composition.Builder.Build([("logits", composition["logits"])]);

        Value Table(double[] values) => composition.Builder.Constant(Array.ConvertAll(values, v => (float)v), DataType.Float32, model.RopeShape);
    }

    static void AppendLayers(Composition composition, LlamaModel model)
    {
        var layer = model.Layer();
        for (var i = 0; i < model.Config.NumHiddenLayers; i++)
        {
            composition.Append(LlamaModel.LayerAt(layer, i), $"layers.{i}");
        }
    }
}
