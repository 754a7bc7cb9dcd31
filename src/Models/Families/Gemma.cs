using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>
/// Gemma 2 (arXiv:2408.00118) and the text of Gemma 3 (arXiv:2503.19786): Llama's form with norms before and after each part, which
/// multiply with 1 + their weight; scaled embeddings; GELU; and layers that take turns with a window.
/// </summary>
static class Gemma
{
    /// <summary>Gemma 2: soft caps; every other layer has the window, the first one too.</summary>
    public static LlamaConfig Read2(ConfigFile json)
    {
        var config = Read(json, "gemma2", theta: 10_000, period: 2);
        return config with
        {
            AttentionSoftCap = Cap(json, "attn_logit_softcapping", absent: 50),
            Logits = new LogitTransform(SoftCap: Cap(json, "final_logit_softcapping", absent: 30)),
        };
    }

    /// <summary>Gemma 3: norms of every head's queries and keys; layers with the window have rotary positions of their own.</summary>
    public static LlamaConfig Read3(ConfigFile json)
    {
        var period = json.Positive("_sliding_window_pattern", absent: json.Positive("sliding_window_pattern", absent: 6));
        var config = Read(json, "gemma3_text", theta: 1_000_000, period);
        var local = json.Section("rope_parameters")?.Section("sliding_attention") is not null
            ? RotaryReader.Read(json, config.HeadDim, theta: 10_000, layerType: "sliding_attention")
            : new RotaryEmbedding(json.PositiveNumber("rope_local_base_freq", absent: 10_000));
        return config with
        {
            QueryKeyNorms = QueryKeyNorms.PerHead,
            SlidingRotary = local,
            Logits = new LogitTransform(SoftCap: Cap(json, "final_logit_softcapping", absent: null)),
        };
    }

    static LlamaConfig Read(ConfigFile json, string family, double theta, int period)
    {
        json.Require("hidden_activation", ["gelu_pytorch_tanh"], absent: "gelu_pytorch_tanh");
        var config = LlamaConfig.ReadShared(json, family, grouped: true, headDim: 256, theta, tied: true, eps: 1e-6)
            .WithAttentionBias(json);
        var size = json.Positive("sliding_window", absent: 4096);
        return config with
        {
            Norms = LlamaNorms.Around,
            NormsAddOne = true,
            GeluGate = true,
            AttentionScale = 1 / Math.Sqrt(json.PositiveNumber("query_pre_attn_scalar", absent: 256)),
            // In the type that is computed in (docs/decisions/0020-gemma-embedding-scale.md).
            EmbeddingScale = (float)Math.Sqrt(config.HiddenSize),
            Sliding = SlidingWindow.Read(json, config.NumHiddenLayers, size, i => (i + 1) % period != 0),
        };
    }

    // null switches a cap off; absent, it has the family's value.
    static double? Cap(ConfigFile json, string field, double? absent) =>
        json.Has(field) ? json.PositiveNumber(field) : json.Names(field) ? null : absent;
}
