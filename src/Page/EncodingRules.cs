using OrtDpo.Tokenizers;

namespace OrtDpo.Page;

/// <summary>What the page needs to encode as this program does.</summary>
sealed record EncodingRules
{
    /// <summary>Bounds prompt + one completion, in tokens.</summary>
    public required int MaxLength { get; init; }

    /// <summary>Bounds the prompt, in tokens; null: it is never cut.</summary>
    public required int? MaxPromptLength { get; init; }

    /// <summary>The beginning-of-sequence token, which a prompt that is cut keeps.</summary>
    public required int? Bos { get; init; }

    /// <summary>The token that is put behind a completion.</summary>
    public required int? Eos { get; init; }

    /// <summary>The tokens that end a completion.</summary>
    public required IReadOnlyList<EndToken> Ends { get; init; }

    /// <summary>The tokens that stand before a text.</summary>
    public required IReadOnlyList<int> Leading { get; init; }

    /// <summary>The rules of a model.</summary>
    public static EncodingRules Of(ModelTokenizer tokenizer, int maxLength, int? maxPromptLength) => new()
    {
        MaxLength = maxLength,
        MaxPromptLength = maxPromptLength,
        Bos = tokenizer.BosId,
        Eos = tokenizer.EosId,
        Ends = [.. tokenizer.EosIds.Select(id => new EndToken(id, Written(tokenizer, id)))],
        Leading = tokenizer.EncodeRow(""),
    };

    // A token that is part of a character has no text of its own.
    static string Written(ModelTokenizer tokenizer, int id) =>
        tokenizer.Decode([id], skipSpecial: false) is var text && !text.Contains('\uFFFD', StringComparison.Ordinal) ? text : "";
}

/// <summary>A token that ends a completion.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Text">How it is written; empty where it is no text by itself.</param>
sealed record EndToken(int Id, string Text);
