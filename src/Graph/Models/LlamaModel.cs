using OrtDpo.Graph.Building;
using OrtDpo.Graph.Fragments;

namespace OrtDpo.Graph.Models;

/// <summary>
/// The Llama family (arXiv:2302.13971, as in Hugging Face's <c>model_type: llama</c>) as fragments: root-mean-square norms, rotary positions,
/// grouped-query attention, SwiGLU, tied or untied head. Weights are graph inputs in Hugging Face's layout <c>[out, in]</c>.
/// </summary>
/// <param name="config">Sizes.</param>
/// <param name="type">Element type of weights and activations: float32 to run, float64 for tests.</param>
public sealed class LlamaModel(LlamaConfig config, DataType type = DataType.Float32)
{
    const string EmbedTokens = "model.embed_tokens.weight";

    static readonly string[] LayerWeights =
    [
        "input_layernorm.weight", "self_attn.q_proj.weight", "self_attn.k_proj.weight", "self_attn.v_proj.weight", "self_attn.o_proj.weight",
        "post_attention_layernorm.weight", "mlp.gate_proj.weight", "mlp.up_proj.weight", "mlp.down_proj.weight",
    ];

    public LlamaConfig Config { get; } = config;

    public DataType Type { get; } = type;

    /// <summary>
    /// Tokens to hidden states. Inputs <c>input_ids</c>, <c>segment_ids</c> (int64 [B, S]); outputs <c>hidden</c> [B, S, H] and the additive
    /// <c>mask</c> [B, 1, S, S].
    /// </summary>
    public Fragment Embed()
    {
        var b = new GraphBuilder("embed");
        var ids = b.Input("input_ids", DataType.Int64, new Shape("B", "S"));
        var segments = b.Input("segment_ids", DataType.Int64, new Shape("B", "S"));
        var table = b.Input(EmbedTokens, Type, new Shape(Config.VocabSize, Config.HiddenSize));
        var graph = b.Build([("hidden", b.Gather(table, ids)), ("mask", AttentionMask.Packed(b, segments, Type))]);
        return new Fragment(graph, new Dictionary<string, string> { [EmbedTokens] = EmbedTokens });
    }

    /// <summary>
    /// The same for stacked rows, as inference hosts feed them: inputs <c>input_ids</c> and <c>attention_mask</c> (int64 [B, S], 1 = token).
    /// </summary>
    public Fragment EmbedStacked()
    {
        var b = new GraphBuilder("embed_stacked");
        var ids = b.Input("input_ids", DataType.Int64, new Shape("B", "S"));
        var attended = b.Input("attention_mask", DataType.Int64, new Shape("B", "S"));
        var table = b.Input(EmbedTokens, Type, new Shape(Config.VocabSize, Config.HiddenSize));
        var graph = b.Build([("hidden", b.Gather(table, ids)), ("mask", AttentionMask.Stacked(b, attended, Type))]);
        return new Fragment(graph, new Dictionary<string, string> { [EmbedTokens] = EmbedTokens });
    }

    /// <summary>
    /// One decoder layer; the graph is the same for all. Inputs <c>hidden</c> [B, S, H], <c>mask</c> [B, 1, S, S], <c>position_ids</c>
    /// (int64 [B, S]), <c>rope_cos</c>, <c>rope_sin</c> [positions, D / 2] and the layer's weights by their short names; output <c>hidden_out</c>.
    /// </summary>
    public OnnxGraph Layer()
    {
        var b = new GraphBuilder("layer");
        var hidden = b.Input("hidden", Type, new Shape("B", "S", Config.HiddenSize));
        var mask = b.Input("mask", Type, new Shape("B", 1, "S", "S"));
        var positions = b.Input("position_ids", DataType.Int64, new Shape("B", "S"));
        var cos = b.Input("rope_cos", Type, RopeShape);
        var sin = b.Input("rope_sin", Type, RopeShape);
        var weights = LayerWeights.ToDictionary(n => n, n => b.Input(n, Type, WeightShape(n)), StringComparer.Ordinal);

        var (normed, _) = b.RmsNorm(hidden, weights["input_layernorm.weight"], Config.RmsNormEps);
        Value attended;
        using (b.Scope("self_attn"))
        {
            attended = GroupedQueryAttention.Build(
                b, normed, mask, new(positions, cos, sin), new(Config.NumAttentionHeads, Config.NumKeyValueHeads, Config.HeadDim),
                weights["self_attn.q_proj.weight"], weights["self_attn.k_proj.weight"], weights["self_attn.v_proj.weight"], weights["self_attn.o_proj.weight"]);
        }

        var residual = b.Add(hidden, attended);
        (normed, _) = b.RmsNorm(residual, weights["post_attention_layernorm.weight"], Config.RmsNormEps);
        using (b.Scope("mlp"))
        {
            // SwiGLU (arXiv:2002.05202): down(silu(gate(x)) · up(x)).
            var gate = b.Linear(normed, weights["mlp.gate_proj.weight"]);
            var up = b.Linear(normed, weights["mlp.up_proj.weight"]);
            var silu = b.Mul(gate, b.Sigmoid(gate));
            residual = b.Add(residual, b.Linear(b.Mul(silu, up), weights["mlp.down_proj.weight"]));
        }

        return b.Build([("hidden_out", residual)]);
    }

    /// <summary>Layer <paramref name="index"/>: the shared graph, with that layer's parameter names.</summary>
    public static Fragment LayerAt(OnnxGraph layer, int index) =>
        new(layer, LayerWeights.ToDictionary(n => n, n => $"model.layers.{index}.{n}", StringComparer.Ordinal));

    /// <summary>
    /// Hidden states to log-probabilities of the completion tokens. Inputs <c>hidden</c> [B, S, H], <c>completion_index</c>,
    /// <c>completion_ids</c> (int64 [R, T]), <c>completion_mask</c> [R, T]; output <c>token_logps</c> [R, T], 0 where masked. The vocabulary
    /// projection runs on completion positions only.
    /// </summary>
    /// <param name="completions">R, where it is known to be more than a symbol: 2P for pairs.</param>
    public Fragment Head(Dim? completions = null)
    {
        var b = new GraphBuilder("head");
        var hidden = b.Input("hidden", Type, new Shape("B", "S", Config.HiddenSize));
        var completion = new Shape(completions ?? "R", "T");
        var index = b.Input("completion_index", DataType.Int64, completion);
        var ids = b.Input("completion_ids", DataType.Int64, completion);
        var scored = b.Input("completion_mask", Type, completion);
        var norm = b.Input("model.norm.weight", Type, new Shape(Config.HiddenSize));
        var vocabulary = b.Input(HeadWeight, Type, new Shape(Config.VocabSize, Config.HiddenSize));

        var rows = b.Gather(b.Reshape(hidden, new Shape((Dim)"B" * "S", Config.HiddenSize)), b.Reshape(index, new Shape(completion.Elements)));
        var (normed, _) = b.RmsNorm(rows, norm, Config.RmsNormEps);
        var logps = b.TokenLogProbs(normed, vocabulary, b.Reshape(ids, new Shape(completion.Elements)));
        // Where, not Mul: a padded position could hold an infinity, and 0 · ∞ is NaN.
        var masked = b.Where(b.Add("Greater", [scored, b.Scalar(0, Type)]), b.ReshapeLike(logps, scored), b.Scalar(0, Type));
        return new Fragment(b.Build([("token_logps", masked)]), HeadNames());
    }

    /// <summary>Hidden states to <c>logits</c> [B, S, V]: for export and for generating text.</summary>
    public Fragment Logits()
    {
        var b = new GraphBuilder("logits");
        var hidden = b.Input("hidden", Type, new Shape("B", "S", Config.HiddenSize));
        var norm = b.Input("model.norm.weight", Type, new Shape(Config.HiddenSize));
        var vocabulary = b.Input(HeadWeight, Type, new Shape(Config.VocabSize, Config.HiddenSize));
        var (normed, _) = b.RmsNorm(hidden, norm, Config.RmsNormEps);
        return new Fragment(b.Build([("logits", b.Linear(normed, vocabulary))]), HeadNames());
    }

    public Shape RopeShape => new(Config.MaxPositionEmbeddings, Config.HeadDim / 2);

    string HeadWeight => Config.TieWordEmbeddings ? EmbedTokens : "lm_head.weight";

    Dictionary<string, string> HeadNames() => new(StringComparer.Ordinal) { ["model.norm.weight"] = "model.norm.weight", [HeadWeight] = HeadWeight };

    Shape WeightShape(string name)
    {
        var (hidden, inner) = (Config.HiddenSize, Config.IntermediateSize);
        var (query, keyValue) = (Config.NumAttentionHeads * Config.HeadDim, Config.NumKeyValueHeads * Config.HeadDim);
        return name switch
        {
            "self_attn.q_proj.weight" => new(query, hidden),
            "self_attn.k_proj.weight" or "self_attn.v_proj.weight" => new(keyValue, hidden),
            "self_attn.o_proj.weight" => new(hidden, query),
            "mlp.gate_proj.weight" or "mlp.up_proj.weight" => new(inner, hidden),
            "mlp.down_proj.weight" => new(hidden, inner),
            _ => new(hidden),
        };
    }
}
