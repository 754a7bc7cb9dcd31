using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>
/// Phi-3, Phi-3.5 and Phi-4 (arXiv:2404.14219): Llama's form with queries, keys and values as one matrix, gate and up as another, and a
/// window; Phi-4-mini rotates a part of each head.
/// </summary>
static class Phi3
{
    public static LlamaConfig Read(ConfigFile json)
    {
        json.Require("hidden_act", ["silu"], absent: "silu");
        var config = LlamaConfig.ReadShared(json, "phi3", partly: true);
        var size = SlidingWindow.SizeOf(json, config.MaxPositionEmbeddings);
        return config with
        {
            FusedProjections = true,
            Sliding = SlidingWindow.Read(json, config.NumHiddenLayers, size, _ => true),
        };
    }
}
