using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>
/// OLMo 2 (arXiv:2501.00656): Llama's form with norms of what attention and the feed-forward part give, and of all queries and all keys.
/// </summary>
static class Olmo2
{
    public static LlamaConfig Read(ConfigFile json)
    {
        json.Require("hidden_act", ["silu"], absent: "silu");
        return LlamaConfig.ReadShared(json, "olmo2", eps: 1e-5).WithAttentionBias(json) with
        {
            Norms = LlamaNorms.After,
            QueryKeyNorms = QueryKeyNorms.Whole,
        };
    }
}
