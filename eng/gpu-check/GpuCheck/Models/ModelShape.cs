using System.Text.Json;

namespace OrtDpo.GpuCheck.Models;

/// <summary>A published model's shape, from its <c>config.json</c>.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Family">Its <c>model_type</c>.</param>
/// <param name="Hidden">Its width.</param>
/// <param name="Intermediate">The width within its MLPs.</param>
/// <param name="Layers">Its layers.</param>
/// <param name="Heads">Attention's heads.</param>
/// <param name="Groups">Heads of keys and values.</param>
/// <param name="Vocabulary">Its vocabulary.</param>
/// <param name="IsTied">Whether embedding and head are one matrix.</param>
sealed record ModelShape(
    string Name, string Family, int Hidden, int Intermediate, int Layers, int Heads, int Groups, int Vocabulary, bool IsTied)
{
    public static ModelShape Qwen05B { get; } = new("Qwen2.5-0.5B", "qwen2", 896, 4864, 24, 14, 2, 151_936, IsTied: true);

    public static ModelShape Qwen15B { get; } = new("Qwen2.5-1.5B", "qwen2", 1536, 8960, 28, 12, 2, 151_936, IsTied: true);

    public static ModelShape Llama8B { get; } = new("Llama-3.1-8B", "llama", 4096, 14_336, 32, 32, 8, 128_256, IsTied: false);

    /// <summary>As <c>config.json</c> has it.</summary>
    public string Config() => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["model_type"] = Family, ["hidden_size"] = Hidden, ["intermediate_size"] = Intermediate, ["num_hidden_layers"] = Layers,
        ["num_attention_heads"] = Heads, ["num_key_value_heads"] = Groups, ["vocab_size"] = Vocabulary,
        ["max_position_embeddings"] = 4096, ["rms_norm_eps"] = 1e-6, ["rope_theta"] = 1e6, ["hidden_act"] = "silu",
        ["tie_word_embeddings"] = IsTied, ["torch_dtype"] = "bfloat16", ["bos_token_id"] = 1, ["eos_token_id"] = 2,
    });
}
