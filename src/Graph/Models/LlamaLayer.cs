using OrtDpo.Graph.Building;

namespace OrtDpo.Graph.Models;

/// <summary>One layer of a Llama: its weights by their short names, and its graph.</summary>
static class LlamaLayer
{
    const string InputNorm = "input_layernorm.weight";
    const string AttentionNorm = "post_attention_layernorm.weight";

    /// <summary>Every parameter of a layer by its name within it; matrices <c>[out, in]</c>, in the order of the forward pass.</summary>
    public static IEnumerable<ModelParameter> Parameters(LlamaConfig config)
    {
        long hidden = config.HiddenSize, inner = config.IntermediateSize;
        long queries = (long)config.NumAttentionHeads * config.HeadDim, keys = (long)config.NumKeyValueHeads * config.HeadDim;
        yield return new(InputNorm, [hidden]);
        yield return new("self_attn.q_proj.weight", [queries, hidden]);
        yield return new("self_attn.k_proj.weight", [keys, hidden]);
        yield return new("self_attn.v_proj.weight", [keys, hidden]);
        yield return new("self_attn.o_proj.weight", [hidden, queries]);
        yield return new(AttentionNorm, [hidden]);
        yield return new("mlp.gate_proj.weight", [inner, hidden]);
        yield return new("mlp.up_proj.weight", [inner, hidden]);
        yield return new("mlp.down_proj.weight", [hidden, inner]);
    }

    /// <summary>
    /// Inputs <c>hidden</c> [B, S, H], <c>mask</c> [B, 1, S, S], <c>position_ids</c> (int64 [B, S]), <c>rope_cos</c>, <c>rope_sin</c>
    /// [positions, D / 2] and the weights by their short names; output <c>hidden_out</c>.
    /// </summary>
    public static OnnxGraph Build(LlamaConfig config, DataType type)
    {
        var b = new GraphBuilder("layer");
        var hidden = b.Input("hidden", type, new Shape("B", "S", config.HiddenSize));
        var mask = b.Input("mask", type, new Shape("B", 1, "S", "S"));
        var positions = b.Input("position_ids", DataType.Int64, new Shape("B", "S"));
        var cos = b.Input("rope_cos", type, RotaryTables.ShapeOf(config));
        var sin = b.Input("rope_sin", type, RotaryTables.ShapeOf(config));
        var weights = Parameters(config).ToDictionary(
            p => p.Name, p => b.Input(p.Name, type, new Shape([.. p.Shape.Select(size => (Dim)size)])), StringComparer.Ordinal);

        var (normed, _) = b.RmsNorm(hidden, weights[InputNorm], config.RmsNormEps);
        Value attended;
        using (b.Scope("self_attn"))
        {
            attended = GroupedQueryAttention.Build(
                b, normed, mask, new(positions, cos, sin), new(config.NumAttentionHeads, config.NumKeyValueHeads, config.HeadDim),
                weights["self_attn.q_proj.weight"], weights["self_attn.k_proj.weight"], weights["self_attn.v_proj.weight"], weights["self_attn.o_proj.weight"]);
        }

        var residual = b.Add(hidden, attended);
        (normed, _) = b.RmsNorm(residual, weights[AttentionNorm], config.RmsNormEps);
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
}
