namespace OrtDpo.Models.Families;

/// <summary>The names of a layer's norms, by where they stand; null where the family has none there.</summary>
/// <param name="BeforeAttention">Of what attention reads.</param>
/// <param name="AfterAttention">Of what attention adds to the residual.</param>
/// <param name="BeforeMlp">Of what the feed-forward part reads.</param>
/// <param name="AfterMlp">Of what the feed-forward part adds to the residual.</param>
public sealed record LlamaNorms(string? BeforeAttention, string? AfterAttention, string? BeforeMlp, string? AfterMlp)
{
    const string Input = "input_layernorm.weight";
    const string PostAttention = "post_attention_layernorm.weight";
    const string PreMlp = "pre_feedforward_layernorm.weight";
    const string PostMlp = "post_feedforward_layernorm.weight";

    /// <summary>Llama's.</summary>
    public static LlamaNorms Before { get; } = new(Input, null, PostAttention, null);

    /// <summary>OLMo 2's.</summary>
    public static LlamaNorms After { get; } = new(null, PostAttention, null, PostMlp);

    /// <summary>Gemma's.</summary>
    public static LlamaNorms Around { get; } = new(Input, PostAttention, PreMlp, PostMlp);
}

/// <summary>What is normed of queries and keys before they are rotated.</summary>
public enum QueryKeyNorms
{
    None,

    /// <summary>Every head by itself, all with one scale of a head's size.</summary>
    PerHead,

    /// <summary>The whole projection.</summary>
    Whole,
}
