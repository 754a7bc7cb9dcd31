using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>Mistral (arXiv:2310.06825): Llama's form with a window.</summary>
static class Mistral
{
    public static LlamaConfig Read(ConfigFile json)
    {
        json.Require("hidden_act", ["silu"], absent: "silu");
        var config = LlamaConfig.ReadShared(json, "mistral", grouped: true);
        // Hugging Face's default where the field is absent; null switches the window off.
        var size = json.Names("sliding_window") ? SlidingWindow.SizeOf(json, config.MaxPositionEmbeddings)
            : config.MaxPositionEmbeddings > 4096 ? 4096
            : (int?)null;
        return config with { Sliding = SlidingWindow.Read(json, config.NumHiddenLayers, size, _ => true) };
    }
}
