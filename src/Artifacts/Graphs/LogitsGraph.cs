using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Lowering;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Artifacts.Graphs;

/// <summary>The model that texts are made with beside training: parameters are inputs, in the order of the training model.</summary>
public static class LogitsGraph
{
    /// <summary>
    /// From <c>input_ids</c>, <c>position_ids</c>, <c>attention_mask</c> (1 = token; int64 [B, S]), as far as the model reads them, and
    /// the parameters to <c>logits</c> [B, S, V].
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="maxLength">The longest text, in tokens.</param>
    public static OnnxGraph Of(DecoderModel model, int maxLength)
    {
        var composition = ScoredModel.OfTexts(model, maxLength);
        return composition.Builder.Build([(FragmentPorts.Logits, composition[FragmentPorts.Logits])], pruneInputs: true)
            .Lower(LoweringKind.OnDevice);
    }
}
