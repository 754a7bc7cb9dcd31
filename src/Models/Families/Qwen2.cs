using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>Qwen2 and Qwen2.5 (arXiv:2407.10671): Llama's form with biases on queries, keys and values, which no field names.</summary>
static class Qwen2
{
    public static LlamaConfig Read(ConfigFile json)
    {
        json.Require("hidden_act", ["silu"], absent: "silu");
        var config = LlamaConfig.ReadShared(json, "qwen2", grouped: true);
        return config with
        {
            QueryKeyValueBias = true,
            Sliding = SlidingWindow.ReadFlagged(json, config.NumHiddenLayers, config.MaxPositionEmbeddings),
        };
    }
}
