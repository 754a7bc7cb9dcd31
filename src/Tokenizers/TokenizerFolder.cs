using OrtDpo.Tokenizers.Loading;

namespace OrtDpo.Tokenizers;

/// <summary>The tokenizer files of a model folder.</summary>
static class TokenizerFolder
{
    static readonly string[] Names =
    [
        "tokenizer.json", "tokenizer.model", "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json",
        "added_tokens.json", "chat_template.jinja", "chat_template.json",
    ];

    /// <summary>Those that are there.</summary>
    public static IReadOnlyList<string> Files(string folder) => [.. Names.Select(name => Path.Combine(folder, name)).Where(File.Exists)];

    /// <summary>Reads tokenizer.json; without it tokenizer.model; without that vocab.json and merges.txt.</summary>
    public static TokenizerDefinition Read(string folder, TokenizerConfig config)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The model folder '{folder}' does not exist.");
        }

        string? Find(string name) => File.Exists(Path.Combine(folder, name)) ? Path.Combine(folder, name) : null;
        return Find("tokenizer.json") is { } json ? TokenizerJson.Read(json, config)
            : Find("tokenizer.model") is { } model ? SentencePieceFile.Read(model, config)
            : Find("vocab.json") is { } vocab && Find("merges.txt") is { } merges ? ByteLevelFiles.Read(vocab, merges, config)
            : throw new FileNotFoundException(
                $"'{folder}' has no tokenizer. It needs tokenizer.json, or tokenizer.model, or vocab.json with merges.txt.");
    }
}
