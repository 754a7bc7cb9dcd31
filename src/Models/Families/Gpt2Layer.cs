using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>One layer of a GPT-2: its weights by their short names, and its graph.</summary>
static class Gpt2Layer
{
    /// <summary>Every parameter of a layer by its name within it; matrices <c>[in, out]</c>, in the order of the forward pass.</summary>
    public static IEnumerable<ModelParameter> Parameters(Gpt2Config config)
    {
        long hidden = config.HiddenSize, inner = config.IntermediateSize;
        return
        [
            .. Pair("ln_1", hidden),
            .. Pair("attn.c_attn", hidden, 3 * hidden),
            .. Pair("attn.c_proj", hidden, hidden),
            .. Pair("ln_2", hidden),
            .. Pair("mlp.c_fc", hidden, inner),
            .. Pair("mlp.c_proj", inner, hidden),
        ];
    }

    /// <summary>
    /// Inputs <c>hidden</c> [B, S, H], <c>mask</c> [B, 1, S, S] and the weights by their short names; output <c>hidden_out</c>.
    /// </summary>
    public static OnnxGraph Build(Gpt2Config config, DataType type)
    {
        var b = new GraphBuilder("layer");
        var hidden = b.Input(FragmentPorts.Hidden, type, new Shape("B", "S", config.HiddenSize));
        var mask = b.Input(FragmentPorts.Mask, type, new Shape("B", 1, "S", "S"));
        var weights = Parameters(config).ToDictionary(
            p => p.Name, p => b.Input(p.Name, type, new Shape([.. p.Shape.Select(size => (Dim)size)])), StringComparer.Ordinal);

        Value residual;
        using (b.Scope("attn"))
        {
            var parts = b.Split(Conv1D(Norm(hidden, "ln_1"), "attn.c_attn"), axis: -1, parts: 3);
            var size = config.HiddenSize / config.Heads;
            var scale = config.ScaleAttention ? 1 / Math.Sqrt(size) : 1;
            var read = GroupedQueryAttention.Build(b, parts[0], parts[1], parts[2], mask, new(config.Heads, config.Heads, size), scale);
            residual = b.Add(hidden, Conv1D(read, "attn.c_proj"));
        }

        using (b.Scope("mlp"))
        {
            var inner = b.Gelu(Conv1D(Norm(residual, "ln_2"), "mlp.c_fc"), byTanh: config.Activation != "gelu");
            residual = b.Add(residual, Conv1D(inner, "mlp.c_proj"));
        }

        return b.Build([(FragmentPorts.HiddenOut, residual)]);

        Value Norm(Value x, string name) => b.LayerNorm(x, weights[$"{name}.weight"], weights[$"{name}.bias"], config.LayerNormEps);

        Value Conv1D(Value x, string name) => b.Add(b.MatMul(x, weights[$"{name}.weight"]), weights[$"{name}.bias"]);
    }

    // A matrix and its bias; of one size, a norm's scale and bias.
    static ModelParameter[] Pair(string name, params long[] shape) => [new($"{name}.weight", shape), new($"{name}.bias", [shape[^1]])];
}
