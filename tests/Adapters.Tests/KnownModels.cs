namespace OrtDpo.Adapters.Tests;

/// <summary>Modules as transformers names them, small.</summary>
static class KnownModels
{
    public const int Width = 8;
    public const int Inner = 12;
    public const int Vocabulary = 20;

    public static readonly (IReadOnlyList<LinearModule> Linears, IReadOnlyList<string> Others) Llama = LlamaOf(layers: 2);

    public static readonly (IReadOnlyList<LinearModule> Linears, IReadOnlyList<string> Others) Gpt2 = (
        [
            .. Enumerable.Range(0, 2).SelectMany(layer => new LinearModule[]
            {
                new($"transformer.h.{layer}.attn.c_attn", Width, 3 * Width, IsFanInFanOut: true),
                new($"transformer.h.{layer}.attn.c_proj", Width, Width, IsFanInFanOut: true),
                new($"transformer.h.{layer}.mlp.c_fc", Width, Inner, IsFanInFanOut: true),
                new($"transformer.h.{layer}.mlp.c_proj", Inner, Width, IsFanInFanOut: true),
            }),
            new("lm_head", Width, Vocabulary, IsHead: true),
        ],
        [
            "transformer.wte", "transformer.wpe",
            .. Enumerable.Range(0, 2).SelectMany(layer => new[] { $"transformer.h.{layer}.ln_1", $"transformer.h.{layer}.ln_2" }),
            "transformer.ln_f",
        ]);

    public static readonly (IReadOnlyList<LinearModule> Linears, IReadOnlyList<string> Others) Phi3 = (
        [
            .. Enumerable.Range(0, 2).SelectMany(layer => new LinearModule[]
            {
                new($"model.layers.{layer}.self_attn.o_proj", Width, Width),
                new($"model.layers.{layer}.self_attn.qkv_proj", Width, 3 * Width),
                new($"model.layers.{layer}.mlp.gate_up_proj", Width, 2 * Inner),
                new($"model.layers.{layer}.mlp.down_proj", Inner, Width),
            }),
            new("lm_head", Width, Vocabulary, IsHead: true),
        ],
        LlamaNorms(2));

    public static (IReadOnlyList<LinearModule> Linears, IReadOnlyList<string> Others) LlamaOf(int layers) => (
        [
            .. Enumerable.Range(0, layers).SelectMany(layer => new LinearModule[]
            {
                new($"model.layers.{layer}.self_attn.q_proj", Width, Width),
                new($"model.layers.{layer}.self_attn.k_proj", Width, Width / 2),
                new($"model.layers.{layer}.self_attn.v_proj", Width, Width / 2),
                new($"model.layers.{layer}.self_attn.o_proj", Width, Width),
                new($"model.layers.{layer}.mlp.gate_proj", Width, Inner),
                new($"model.layers.{layer}.mlp.up_proj", Width, Inner),
                new($"model.layers.{layer}.mlp.down_proj", Inner, Width),
            }),
            new("lm_head", Width, Vocabulary, IsHead: true),
        ],
        LlamaNorms(layers));

    public static (IReadOnlyList<LinearModule> Linears, IReadOnlyList<string> Others) Named(string name) => name switch
    {
        "llama" => Llama,
        "gpt2" => Gpt2,
        "phi3" => Phi3,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    /// <summary>Linear modules of the given paths and nothing else.</summary>
    public static IReadOnlyList<LinearModule> Paths(string paths) => [.. paths.Split(' ').Select(path => new LinearModule(path, 4, 4))];

    /// <summary>Parameters of <see cref="Llama"/> with their shapes.</summary>
    public static Dictionary<string, long[]> LlamaShapes()
    {
        var shapes = Llama.Linears.ToDictionary(
            linear => $"{linear.Name}.weight", linear => new long[] { linear.OutFeatures, linear.InFeatures });
        foreach (var other in Llama.Others)
        {
            shapes[$"{other}.weight"] = other.EndsWith("embed_tokens", StringComparison.Ordinal) ? [Vocabulary, Width] : [Width];
        }

        return shapes;
    }

    static string[] LlamaNorms(int layers) =>
    [
        "model.embed_tokens",
        .. Enumerable.Range(0, layers).SelectMany(
            layer => new[] { $"model.layers.{layer}.input_layernorm", $"model.layers.{layer}.post_attention_layernorm" }),
        "model.norm",
    ];
}
