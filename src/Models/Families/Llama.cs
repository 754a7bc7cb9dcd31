using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>Llama 1 to 3 (arXiv:2302.13971) and what else calls itself one.</summary>
static class Llama
{
    public static LlamaConfig Read(ConfigFile json)
    {
        json.Require("hidden_act", ["silu"], absent: "silu");
        return LlamaConfig.ReadShared(json, "llama").WithAttentionBias(json) with { MlpBias = json.Flag("mlp_bias", absent: false) };
    }
}
