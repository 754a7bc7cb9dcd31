using System.Text.Json;
using OrtDpo.Linked;
using OrtDpo.Tokenizers.AddedTokens;
using OrtDpo.Tokenizers.Bpe;

namespace OrtDpo.Tokenizers.Loading;

/// <summary>Makes a tokenizer of vocab.json and merges.txt.</summary>
static class ByteLevelFiles
{
    const string EndOfText = "<|endoftext|>";
    const string Gpt2 = "GPT2Tokenizer";
    const string Qwen2 = "Qwen2Tokenizer";

    const string Qwen2Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <exception cref="NotSupportedException">The folder's tokenizer class is another, whose rules these two files do not say.</exception>
    public static TokenizerDefinition Read(string vocabPath, string mergesPath, TokenizerConfig config)
    {
        var ids = new Dictionary<string, int>();
        foreach (var (token, id) in JsonPart.ReadFile(vocabPath).Members())
        {
            ids[token] = id.Number();
        }

        var root = Rules(vocabPath, config);
        var vocabulary = new Vocabulary(ids, vocabPath);
        var preTokenization = PreTokenizerReader.Read(root.Optional("pre_tokenizer"));
        var bpe = new BpeModel { Vocabulary = vocabulary, Merges = ReadMerges(mergesPath, vocabulary), ByteLevel = true };
        var end = vocabulary.Id(EndOfText);
        var special = end < 0 ? [] : new[] { new AddedToken(end, EndOfText, true, false, false, false, false) };
        var added = AddedTokenReader.Join(special, config, vocabulary, vocabPath);
        var definition = TokenizerJson.Assemble(root, preTokenization, bpe, added);
        var implied = definition.Id(EndOfText);
        return definition with { ImpliedBosId = Kind(config) == Qwen2 ? null : implied, ImpliedEosId = implied };
    }

    // The two files say nothing of how a text is split: the class does, or else the kind of model.
    static JsonPart Rules(string vocabPath, TokenizerConfig config)
    {
        var prefixSpace = config.AddPrefixSpace ?? false ? "true" : "false";
        var rules = Kind(config) switch
        {
            Gpt2 => $$"""
                "pre_tokenizer": {"type":"ByteLevel","add_prefix_space":{{prefixSpace}},"use_regex":true}
                """,
            Qwen2 => $$"""
                "normalizer": {"type":"NFC"},
                "pre_tokenizer": {"type":"Sequence","pretokenizers":[
                  {"type":"Split","pattern":{"Regex":{{JsonSerializer.Serialize(Qwen2Pattern)}}},"behavior":"Isolated","invert":false},
                  {"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]}
                """,
            var other => throw new NotSupportedException(
                $"{vocabPath} belongs to the tokenizer '{other}'; only GPT-2's (GPT2Tokenizer) and Qwen2's (Qwen2Tokenizer) are " +
                "read from vocab.json and merges.txt. Put the model's tokenizer.json beside it."),
        };
        return JsonPart.Literal($$"""{ {{rules}}, "decoder": {"type":"ByteLevel"} }""", vocabPath);
    }

    static string Kind(TokenizerConfig config)
    {
        var name = config.TokenizerClass?.Replace("Fast", "", StringComparison.Ordinal) ?? config.ModelType;
        return name switch
        {
            null or "gpt2" => Gpt2,
            "qwen2" => Qwen2,
            _ => name,
        };
    }

    static MergeTable ReadMerges(string path, Vocabulary vocabulary)
    {
        GitLfsPointer.Refuse(path);
        var merges = new MergeReader(vocabulary);
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal))
            {
                merges.Add(line, $"{path} line {number}");
            }
        }

        return merges.Merges;
    }
}
