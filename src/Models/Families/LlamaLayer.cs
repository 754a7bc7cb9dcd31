using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>One layer of a Llama: its weights by their short names, and its graph.</summary>
sealed class LlamaLayer
{
    const string QueryNorm = "self_attn.q_norm.weight";
    const string KeyNorm = "self_attn.k_norm.weight";

    readonly LlamaConfig config;
    readonly GraphBuilder b = new("layer");
    readonly Dictionary<string, Value> weights;

    LlamaLayer(LlamaConfig config, DataType type)
    {
        this.config = config;
        weights = Parameters(config).ToDictionary(
            p => p.Name, p => b.Input(p.Name, type, new Shape([.. p.Shape.Select(size => (Dim)size)])), StringComparer.Ordinal);
    }

    /// <summary>Every parameter of a layer by its name within it; matrices <c>[out, in]</c>, in the order of the forward pass.</summary>
    public static IEnumerable<ModelParameter> Parameters(LlamaConfig config)
    {
        var hidden = (long)config.HiddenSize;
        return
        [
            .. Norm(config.Norms.BeforeAttention, hidden),
            .. Attention(config, hidden),
            .. Norm(config.Norms.AfterAttention, hidden),
            .. Norm(config.Norms.BeforeMlp, hidden),
            .. Mlp(config, hidden),
            .. Norm(config.Norms.AfterMlp, hidden),
        ];
    }

    /// <summary>
    /// Inputs <c>hidden</c> [B, S, H], the mask [B, 1, S, S], <c>position_ids</c> (int64 [B, S]), cosines and sines [positions, W / 2], and
    /// the weights by their short names; output <c>hidden_out</c>.
    /// </summary>
    /// <param name="config">Sizes.</param>
    /// <param name="type">Element type.</param>
    /// <param name="maskName">The mask's name among the outputs of <c>embed</c>.</param>
    /// <param name="tables">The rotary positions; null: none.</param>
    public static OnnxGraph Build(LlamaConfig config, DataType type, string maskName, RotaryTables? tables)
    {
        var layer = new LlamaLayer(config, type);
        var b = layer.b;
        var hidden = b.Input(FragmentPorts.Hidden, type, new Shape("B", "S", config.HiddenSize));
        var mask = b.Input(maskName, type, new Shape("B", 1, "S", "S"));
        var rotary = tables is null ? (GroupedQueryAttention.Rotary?)null : new(
            b.Input(FragmentPorts.PositionIds, DataType.Int64, new Shape("B", "S")),
            b.Input(tables.Cos, type, tables.Shape),
            b.Input(tables.Sin, type, tables.Shape));
        var norms = config.Norms;
        hidden = layer.Residual(hidden, norms.BeforeAttention, x => layer.Attention(x, mask, rotary), norms.AfterAttention);
        hidden = layer.Residual(hidden, norms.BeforeMlp, layer.Mlp, norms.AfterMlp);
        return b.Build([(FragmentPorts.HiddenOut, hidden)]);
    }

    /// <summary>The norm of a Llama's layers and of its head.</summary>
    public static Value RmsNorm(GraphBuilder b, LlamaConfig config, Value x, Value weight)
    {
        var scale = config.NormsAddOne ? b.Add(b.Scalar(1, weight.Type), weight) : weight;
        return b.RmsNorm(x, scale, config.RmsNormEps).Normalised;
    }

    static IEnumerable<ModelParameter> Attention(LlamaConfig config, long hidden)
    {
        long queries = (long)config.NumAttentionHeads * config.HeadDim, keys = (long)config.NumKeyValueHeads * config.HeadDim;
        var projections = config.FusedProjections
            ? Linear("self_attn.qkv_proj", queries + (2 * keys), hidden, config.QueryKeyValueBias)
            :
            [
                .. Linear("self_attn.q_proj", queries, hidden, config.QueryKeyValueBias),
                .. Linear("self_attn.k_proj", keys, hidden, config.QueryKeyValueBias),
                .. Linear("self_attn.v_proj", keys, hidden, config.QueryKeyValueBias),
            ];
        ModelParameter[] norms = config.QueryKeyNorms switch
        {
            QueryKeyNorms.PerHead => [new(QueryNorm, [config.HeadDim]), new(KeyNorm, [config.HeadDim])],
            QueryKeyNorms.Whole => [new(QueryNorm, [queries]), new(KeyNorm, [keys])],
            _ => [],
        };
        return [.. projections, .. norms, .. Linear("self_attn.o_proj", hidden, queries, config.OutputBias)];
    }

    static ModelParameter[] Mlp(LlamaConfig config, long hidden)
    {
        var inner = (long)config.IntermediateSize;
        var projections = config.FusedProjections
            ? Linear("mlp.gate_up_proj", 2 * inner, hidden, config.MlpBias)
            : [.. Linear("mlp.gate_proj", inner, hidden, config.MlpBias), .. Linear("mlp.up_proj", inner, hidden, config.MlpBias)];
        return [.. projections, .. Linear("mlp.down_proj", hidden, inner, config.MlpBias)];
    }

    static ModelParameter[] Norm(string? name, long hidden) => name is null ? [] : [new(name, [hidden])];

    static ModelParameter[] Linear(string name, long outputs, long inputs, bool bias) =>
        bias ? [new($"{name}.weight", [outputs, inputs]), new($"{name}.bias", [outputs])] : [new($"{name}.weight", [outputs, inputs])];

    // x + scale · after(part(before(x))).
    Value Residual(Value x, string? before, Func<Value, Value> part, string? after)
    {
        var added = Norm(part(Norm(x, before)), after);
        return b.Add(x, config.ResidualScale == 1 ? added : b.Mul(added, b.Scalar(config.ResidualScale, x.Type)));
    }

    Value Attention(Value x, Value mask, GroupedQueryAttention.Rotary? rotary)
    {
        using var scope = b.Scope("self_attn");
        var heads = new GroupedQueryAttention.Heads(config.NumAttentionHeads, config.NumKeyValueHeads, config.HeadDim);
        var (queries, keys) = ((long)heads.Query * heads.Size, (long)heads.KeyValue * heads.Size);
        var parts = config.FusedProjections
            ? b.Split(Project(x, "self_attn.qkv_proj"), -1, [queries, keys, keys])
            : [Project(x, "self_attn.q_proj"), Project(x, "self_attn.k_proj"), Project(x, "self_attn.v_proj")];
        var q = QueryKeyNorm(parts[0], QueryNorm, heads.Query);
        var k = QueryKeyNorm(parts[1], KeyNorm, heads.KeyValue);
        var scale = config.AttentionScale ?? 1 / Math.Sqrt(config.HeadDim);
        var read = GroupedQueryAttention.Build(b, q, k, parts[2], mask, heads, scale, rotary, config.AttentionSoftCap);
        return Project(read, "self_attn.o_proj");
    }

    Value QueryKeyNorm(Value x, string name, int heads)
    {
        if (config.QueryKeyNorms != QueryKeyNorms.PerHead)
        {
            return Norm(x, config.QueryKeyNorms == QueryKeyNorms.Whole ? name : null);
        }

        var byHead = b.Reshape(x, new Shape(x.Shape[0], x.Shape[1], heads, config.HeadDim));
        return b.Reshape(Norm(byHead, name), x.Shape);
    }

    // SwiGLU (arXiv:2002.05202): down(silu(gate(x)) · up(x)), or the same with GELU.
    Value Mlp(Value x)
    {
        using var scope = b.Scope("mlp");
        var parts = config.FusedProjections
            ? b.Split(Project(x, "mlp.gate_up_proj"), -1, 2)
            : [Project(x, "mlp.gate_proj"), Project(x, "mlp.up_proj")];
        var gate = config.GeluGate ? b.Gelu(parts[0], byTanh: true) : b.Mul(parts[0], b.Sigmoid(parts[0]));
        return Project(b.Mul(gate, parts[1]), "mlp.down_proj");
    }

    Value Norm(Value x, string? name) => name is null ? x : RmsNorm(b, config, x, weights[name]);

    Value Project(Value x, string name)
    {
        var product = b.Linear(x, weights[$"{name}.weight"]);
        return weights.TryGetValue($"{name}.bias", out var bias) ? b.Add(product, bias) : product;
    }
}
