namespace OrtDpo.Adapters;

/// <summary>What the names of an adapter's tensors say.</summary>
static class AdapterNames
{
    public const string A = ".lora_A.weight";
    public const string B = ".lora_B.weight";

    // What PEFT saves of the methods that are not built here, by a part of the name.
    static readonly (string Part, string Kind)[] Unbuilt =
    [
        (".lora_embedding_A", "an adapter of an embedding"),
        (".lora_embedding_B", "an adapter of an embedding"),
        (".lora_magnitude_vector", "DoRA's magnitudes"),
        (".lora_B.bias", "a bias of LoRA (lora_bias)"),
        (".lora_diag", "KaSA's singular values"),
        (".trainable_tokens_delta", "rows of single tokens (trainable_token_indices)"),
        (".token_adapter.", "rows of single tokens (trainable_token_indices)"),
        (".base_layer.weight", "an adapted embedding's own weights (save_embedding_layers)"),
    ];

    /// <summary>The kind of a tensor that is not built here; null for any other.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="isSaved">Whether its module is saved whole, as a bias may be then.</param>
    public static string? UnbuiltKind(string name, bool isSaved) =>
        Array.Find(Unbuilt, u => name.Contains(u.Part, StringComparison.Ordinal)).Kind
        ?? (!isSaved && name.EndsWith(".bias", StringComparison.Ordinal) ? "a bias of the base that was trained (bias)" : null);

    /// <summary>The module of <c>A</c> or <c>B</c>; null for another tensor.</summary>
    public static string? LoraModule(string name) =>
        name.EndsWith(A, StringComparison.Ordinal) || name.EndsWith(B, StringComparison.Ordinal) ? name[..^A.Length] : null;

    /// <summary>The module of a parameter: its path without the last step.</summary>
    public static string ModuleOf(string parameter) => parameter[..Math.Max(0, parameter.LastIndexOf('.'))];
}
