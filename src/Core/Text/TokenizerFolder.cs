using OrtDpo.Core.Text.Loading;

namespace OrtDpo.Core.Text;

/// <summary>The tokenizer files of a model folder.</summary>
static class TokenizerFolder
{
    static readonly string[] Names =
    [
        "tokenizer.json", "tokenizer.model", "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "chat_template.jinja",
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

        string Find(string name) => Path.Combine(folder, name);
        return File.Exists(Find("tokenizer.json")) ? TokenizerJson.Read(Find("tokenizer.json"), config.AddedTokens)
            : File.Exists(Find("tokenizer.model")) ? SentencePieceTokenizer.Read(Find("tokenizer.model"), config.AddedTokens)
            : File.Exists(Find("vocab.json")) && File.Exists(Find("merges.txt")) ? Gpt2Files.Read(Find("vocab.json"), Find("merges.txt"), config)
            : throw new FileNotFoundException(
                $"'{folder}' has no tokenizer. It needs tokenizer.json, or tokenizer.model, or vocab.json with merges.txt.");
    }
}
