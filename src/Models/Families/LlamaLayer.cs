using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

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
        return
        [
            new(InputNorm, [hidden]),
            .. Linear("self_attn.q_proj", queries, hidden, config.QueryKeyValueBias),
            .. Linear("self_attn.k_proj", keys, hidden, config.QueryKeyValueBias),
            .. Linear("self_attn.v_proj", keys, hidden, config.QueryKeyValueBias),
            .. Linear("self_attn.o_proj", hidden, queries, config.OutputBias),
            new(AttentionNorm, [hidden]),
            .. Linear("mlp.gate_proj", inner, hidden, config.MlpBias),
            .. Linear("mlp.up_proj", inner, hidden, config.MlpBias),
            .. Linear("mlp.down_proj", hidden, inner, config.MlpBias),
        ];
    }

    /// <summary>
    /// Inputs <c>hidden</c> [B, S, H], the mask [B, 1, S, S], <c>position_ids</c> (int64 [B, S]), <c>rope_cos</c>, <c>rope_sin</c>
    /// [positions, D / 2] and the weights by their short names; output <c>hidden_out</c>.
    /// </summary>
    /// <param name="config">Sizes.</param>
    /// <param name="type">Element type.</param>
    /// <param name="maskName">The mask's name among the outputs of <c>embed</c>.</param>
    public static OnnxGraph Build(LlamaConfig config, DataType type, string maskName)
    {
        var b = new GraphBuilder("layer");
        var hidden = b.Input(FragmentPorts.Hidden, type, new Shape("B", "S", config.HiddenSize));
        var mask = b.Input(maskName, type, new Shape("B", 1, "S", "S"));
        var positions = b.Input(FragmentPorts.PositionIds, DataType.Int64, new Shape("B", "S"));
        var cos = b.Input(RotaryTables.Cos, type, RotaryTables.ShapeOf(config));
        var sin = b.Input(RotaryTables.Sin, type, RotaryTables.ShapeOf(config));
        var weights = Parameters(config).ToDictionary(
            p => p.Name, p => b.Input(p.Name, type, new Shape([.. p.Shape.Select(size => (Dim)size)])), StringComparer.Ordinal);

        var (normed, _) = b.RmsNorm(hidden, weights[InputNorm], config.RmsNormEps);
        Value residual;
        using (b.Scope("self_attn"))
        {
            var (q, k, v) = (Project(normed, "self_attn.q_proj"), Project(normed, "self_attn.k_proj"), Project(normed, "self_attn.v_proj"));
            var heads = new GroupedQueryAttention.Heads(config.NumAttentionHeads, config.NumKeyValueHeads, config.HeadDim);
            var read = GroupedQueryAttention.Build(b, q, k, v, mask, heads, 1 / Math.Sqrt(config.HeadDim), new(positions, cos, sin));
            residual = b.Add(hidden, Project(read, "self_attn.o_proj"));
        }

        (normed, _) = b.RmsNorm(residual, weights[AttentionNorm], config.RmsNormEps);
        using (b.Scope("mlp"))
        {
            // SwiGLU (arXiv:2002.05202): down(silu(gate(x)) · up(x)).
            var gate = Project(normed, "mlp.gate_proj");
            var up = Project(normed, "mlp.up_proj");
            var silu = b.Mul(gate, b.Sigmoid(gate));
            residual = b.Add(residual, Project(b.Mul(silu, up), "mlp.down_proj"));
        }

        return b.Build([(FragmentPorts.HiddenOut, residual)]);

        Value Project(Value x, string name)
        {
            var product = b.Linear(x, weights[$"{name}.weight"]);
            return weights.TryGetValue($"{name}.bias", out var bias) ? b.Add(product, bias) : product;
        }
    }

    static ModelParameter[] Linear(string name, long outputs, long inputs, bool bias) =>
        bias ? [new($"{name}.weight", [outputs, inputs]), new($"{name}.bias", [outputs])] : [new($"{name}.weight", [outputs, inputs])];
}
