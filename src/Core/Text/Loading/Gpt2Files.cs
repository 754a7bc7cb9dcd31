using OrtDpo.Core.Text.AddedTokens;
using OrtDpo.Core.Text.Bpe;

namespace OrtDpo.Core.Text.Loading;

/// <summary>Makes a tokenizer of GPT-2's vocab.json and merges.txt.</summary>
static class Gpt2Files
{
    const string EndOfText = "<|endoftext|>";

    static readonly string?[] Classes = [null, "GPT2Tokenizer", "GPT2TokenizerFast"];

    /// <exception cref="NotSupportedException">The folder's tokenizer class is another, whose rules these two files do not say.</exception>
    public static TokenizerDefinition Read(string vocabPath, string mergesPath, TokenizerConfig config)
    {
        if (!Classes.Contains(config.TokenizerClass))
        {
            throw new NotSupportedException(
                $"{vocabPath} belongs to the tokenizer class '{config.TokenizerClass}'; only GPT2Tokenizer is read from vocab.json and " +
                "merges.txt. Put the model's tokenizer.json beside it.");
        }

        var ids = new Dictionary<string, int>();
        foreach (var (token, id) in JsonPart.ReadFile(vocabPath).Members())
        {
            ids[token] = id.Number();
        }

        var vocabulary = new Vocabulary(ids, vocabPath);
        var root = Rules(config.AddPrefixSpace ?? false, vocabPath);
        var preTokenization = PreTokenizerReader.Read(root.Optional("pre_tokenizer"));
        var bpe = new BpeModel { Vocabulary = vocabulary, Merges = ReadMerges(mergesPath, vocabulary), ByteLevel = true };
        var end = vocabulary.Id(EndOfText);
        var special = end < 0 ? [] : new[] { new AddedToken(end, EndOfText, true, false, false, false, false) };
        var added = AddedTokenReader.Join(special, config.AddedTokens, vocabulary, vocabPath);
        int? implied = end < 0 ? null : end;
        return TokenizerJson.Assemble(root, preTokenization, bpe, added) with { ImpliedBosId = implied, ImpliedEosId = implied };
    }

    static MergeTable ReadMerges(string path, Vocabulary vocabulary)
    {
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

    static JsonPart Rules(bool prefixSpace, string path) => JsonPart.Literal(
        $$"""
        {
          "pre_tokenizer": {"type":"ByteLevel","add_prefix_space":{{(prefixSpace ? "true" : "false")}},"use_regex":true},
          "decoder": {"type":"ByteLevel"}
        }
        """,
        path);
}
