using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>Granite 3 (arXiv:2408.13359): Llama's form with a multiplier for embeddings, scores, residuals and logits each.</summary>
static class Granite
{
    public static LlamaConfig Read(ConfigFile json)
    {
        json.Require("hidden_act", ["silu"], absent: "silu");
        return LlamaConfig.ReadShared(json, "granite", eps: 1e-6).WithAttentionBias(json) with
        {
            MlpBias = json.Flag("mlp_bias", absent: false),
            EmbeddingScale = json.PositiveNumber("embedding_multiplier", absent: 1),
            AttentionScale = json.PositiveNumber("attention_multiplier", absent: 1),
            ResidualScale = json.PositiveNumber("residual_multiplier", absent: 1),
            Logits = new LogitTransform(1 / json.PositiveNumber("logits_scaling", absent: 1)),
        };
    }
}
