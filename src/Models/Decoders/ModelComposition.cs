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
        foreach (var (i, layer) in model.Layers().Index())
        {
            composition.Append(layer, $"layers.{i}");
        }

        composition.Append(model.Head(completions), "head");
        return composition;
    }
}
