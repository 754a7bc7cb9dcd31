namespace OrtDpo.Tokenizers;

/// <summary>Hugging Face's names for the files of a tokenizer, its chat template, and what ends a generation.</summary>
public static class TokenizerFiles
{
    /// <summary>A folder of further chat templates.</summary>
    public const string AdditionalChatTemplates = "additional_chat_templates";
    public const string AddedTokens = "added_tokens.json";
    public const string ChatTemplate = "chat_template.jinja";
    public const string ChatTemplateJson = "chat_template.json";
    public const string GenerationConfig = "generation_config.json";
    public const string Merges = "merges.txt";
    public const string SentencePiece = "tokenizer.model";
    public const string SpecialTokensMap = "special_tokens_map.json";
    public const string TokenizerConfig = "tokenizer_config.json";
    public const string TokenizerJson = "tokenizer.json";
    public const string Vocabulary = "vocab.json";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        TokenizerJson, SentencePiece, Vocabulary, Merges, TokenizerConfig, SpecialTokensMap, AddedTokens, ChatTemplate, ChatTemplateJson,
        GenerationConfig,
    ];
}
