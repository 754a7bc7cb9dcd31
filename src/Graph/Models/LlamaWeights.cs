namespace OrtDpo.Graph.Models;

/// <summary>The parameters of a Llama model, by their Hugging Face names.</summary>
public static class LlamaWeights
{
    public const string Embedding = "model.embed_tokens.weight";
    public const string FinalNorm = "model.norm.weight";

    /// <summary>The output projection; absent where it is tied to <see cref="Embedding"/>.</summary>
    public const string Head = "lm_head.weight";

    /// <summary>The name of a parameter of layer <paramref name="layer"/>, such as <c>self_attn.q_proj</c>.</summary>
    public static string Layer(int layer, string part) => $"model.layers.{layer}.{part}.weight";

    /// <summary>Every parameter with its shape <c>[out, in]</c> or <c>[features]</c>, in the order of the forward pass.</summary>
    public static IEnumerable<(string Name, long[] Shape)> Expected(LlamaConfig config)
    {
        long hidden = config.HiddenSize;
        long queries = (long)config.NumAttentionHeads * config.HeadDim;
        long keys = (long)config.NumKeyValueHeads * config.HeadDim;
        yield return (Embedding, [config.VocabSize, hidden]);
        for (var layer = 0; layer < config.NumHiddenLayers; layer++)
        {
            yield return (Layer(layer, "input_layernorm"), [hidden]);
            yield return (Layer(layer, "self_attn.q_proj"), [queries, hidden]);
            yield return (Layer(layer, "self_attn.k_proj"), [keys, hidden]);
            yield return (Layer(layer, "self_attn.v_proj"), [keys, hidden]);
            yield return (Layer(layer, "self_attn.o_proj"), [hidden, queries]);
            yield return (Layer(layer, "post_attention_layernorm"), [hidden]);
            yield return (Layer(layer, "mlp.gate_proj"), [config.IntermediateSize, hidden]);
            yield return (Layer(layer, "mlp.up_proj"), [config.IntermediateSize, hidden]);
            yield return (Layer(layer, "mlp.down_proj"), [hidden, config.IntermediateSize]);
        }

        yield return (FinalNorm, [hidden]);
        if (!config.TieWordEmbeddings)
        {
            yield return (Head, [config.VocabSize, hidden]);
        }
    }

    /// <summary>Whether a tensor of old checkpoints is no parameter: rotary frequencies that follow from the configuration.</summary>
    public static bool IsBuffer(string name) => name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal);
}
