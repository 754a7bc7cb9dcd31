using OrtDpo.Linked;
using OrtDpo.Tokenizers.Loading;

namespace OrtDpo.Tokenizers;

/// <summary>The tokenizer files of a model folder.</summary>
static class TokenizerFolder
{
    /// <summary>Those that are there.</summary>
    public static IReadOnlyList<string> Files(string folder)
    {
        var further = Path.Combine(folder, TokenizerFiles.AdditionalChatTemplates);
        return
        [
            .. TokenizerFiles.Names.Select(name => Path.Combine(folder, name)).Where(File.Exists),
            .. (Directory.Exists(further) ? Directory.GetFiles(further, "*.jinja") : []).Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Reads tokenizer.json; without it tokenizer.model; without that vocab.json and merges.txt.</summary>
    public static TokenizerDefinition Read(string folder, TokenizerConfig config)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The model folder '{folder}' does not exist.{HubName.Advice(folder, "model")}");
        }

        string? Find(string name) => File.Exists(Path.Combine(folder, name)) ? Path.Combine(folder, name) : null;
        return Find(TokenizerFiles.TokenizerJson) is { } json ? TokenizerJson.Read(json, config)
            : Find(TokenizerFiles.SentencePiece) is { } model ? SentencePieceFile.Read(model, config)
            : Find(TokenizerFiles.Vocabulary) is { } vocab && Find(TokenizerFiles.Merges) is { } merges
                ? ByteLevelFiles.Read(vocab, merges, config)
            : throw new FileNotFoundException(
                $"'{folder}' has no tokenizer. It needs tokenizer.json, or tokenizer.model, or vocab.json with merges.txt.");
    }
}
