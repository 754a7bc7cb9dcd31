using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>Qwen3 (arXiv:2505.09388): Llama's form with a norm of every head's queries and keys, heads of a size of their own.</summary>
static class Qwen3
{
    public static LlamaConfig Read(ConfigFile json)
    {
        json.Require("hidden_act", ["silu"], absent: "silu");
        var config = LlamaConfig.ReadShared(json, "qwen3", grouped: true, headDim: 128).WithAttentionBias(json);
        return config with
        {
            QueryKeyNorms = QueryKeyNorms.PerHead,
            Sliding = SlidingWindow.ReadFlagged(json, config.NumHiddenLayers, config.MaxPositionEmbeddings),
        };
    }
}
