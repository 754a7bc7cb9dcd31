using System.Text.Json;
using OrtDpo.Data;
using OrtDpo.Tokenizers;

namespace OrtDpo.Page.Tests.Code;

public sealed class EncodingTests
{
    // Ends, cuts, boundaries that merge, and nothing.
    static readonly PairText[] Odd =
    [
        new("User: Hi\nAssistant:", " Yes.<|endoftext|>", " No.<|endoftext|> \n"),
        new("User: Hi\nAssistant:", " <|endoftext|>", "\n"),
        new("Hel", "lo there", "p me"),
        new("", " a", " b"),
        new("a", "", "b"),
        new("a", "b", ""),
        new("User: Hi\nAssistant:", " the same", " the same"),
        new("x ", " y", "  y"),
        new("q", " " + string.Join(' ', Enumerable.Repeat("word", 300)), " short"),
        new(string.Join(' ', Enumerable.Repeat("long", 300)), " a", " b"),
        new("🦉 東京", " 𝕳𝖊𝖑𝖑𝖔 \u00a0\ufeff", " é\u0301"),
    ];

    [Theory]
    [InlineData(null)]
    [InlineData(12)]
    public void The_pages_tokens_are_those_of_the_data_on_the_demo_model(int? maxPromptLength)
    {
        var data = Repository.Find("models", "demo", "data", "heldout.jsonl");
        var pairs = File.ReadLines(data).Take(120).Select(line => JsonSerializer.Deserialize<PairText>(line, JsonSerializerOptions.Web)!);
        Check(Repository.Find("models", "demo"), [.. Odd, .. pairs], maxPromptLength);
    }

    [Theory]
    [InlineData("llama-3.1")]
    [InlineData("llama2")]
    [InlineData("phi-3-mini")]
    [InlineData("qwen2.5")]
    [Trait("Speed", "long")]
    public void The_pages_tokens_are_those_of_the_data_on_real_tokenizers(string name) =>
        Check(Path.Combine(SharedData.Folder("tokenizers"), name), Odd, maxPromptLength: null);

    [Fact]
    public void A_tokenizer_with_other_ids_is_refused_in_words()
    {
        var folder = Repository.Find("models", "demo");
        var tokenizer = ModelTokenizer.Load(folder);
        var probes = TokenizerProbe.Of(tokenizer, Odd);
        var wrong = probes.Select(probe => probe.Continues && probe.Text == " leading space" ? probe with { Ids = [1, 2] } : probe);
        var rules = EncodingRules.Of(tokenizer, maxLength: 64, maxPromptLength: null);
        var found = PageModules.Ask(
            "probe", new { Folder = folder, Rules = rules, Probes = probes }, new { Folder = folder, Rules = rules, Probes = wrong });
        Assert.Equal(JsonValueKind.Null, found[0].GetProperty("fault").ValueKind);
        Assert.Contains("has other ids for \" leading space\"", found[1].GetProperty("fault").GetString(), StringComparison.Ordinal);
        Assert.Contains("than OrtDpo has (1 2)", found[1].GetProperty("fault").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_end_where_those_of_the_data_end()
    {
        string[] ends = ["<|end|>", "<|endoftext|>", ".", "\n"];
        string[] texts =
        [
            "", "a", "a<|end|>", "a<|end|>  ", "a<|end|>\n<|endoftext|> ", "a...", "a. .", "a\n", "a\n\n", "<|end|><|end|>", "a\u0085",
            "a.\ufeff",
        ];
        var known = new EndTokens([0, 1, 2, 3], ends);
        var found = PageModules.Ask("ends", new { Texts = texts, Ends = ends.Select(text => new { Text = text }) })[0];
        Assert.Equal(texts.Select(known.UpToEnd), found.Deserialize<string[]>()!);
    }

    static void Check(string folder, PairText[] pairs, int? maxPromptLength)
    {
        const int MaxLength = 96;
        var tokenizer = ModelTokenizer.Load(folder);
        var encoder = new ExampleEncoder(tokenizer.EncodeRow, tokenizer.EncodeContinuation, tokenizer.EosId, MaxLength)
        {
            BosId = tokenizer.BosId, Ends = tokenizer.Ends, MaxPromptLength = maxPromptLength,
        };
        var found = PageModules.Ask("encode", new
        {
            Folder = folder, Rules = EncodingRules.Of(tokenizer, MaxLength, maxPromptLength), Pairs = pairs,
        })[0].EnumerateArray().ToList();
        Assert.Equal(pairs.Length, found.Count);
        foreach (var (pair, tokens) in pairs.Zip(found))
        {
            var expected = encoder.Encode(pair.AsRow());
            var isSame = expected.Tokens is { } both && both.Completions[0].AsSpan().SequenceEqual(both.Completions[1]);
            if (expected.Tokens is not { } example || isSame)
            {
                Assert.True(tokens.TryGetProperty("fault", out _), $"{pair}: {tokens}, expected {expected.Drop}");
                continue;
            }

            Assert.True(tokens.TryGetProperty("prompt", out _), $"{pair}: {tokens}");
            Assert.Equal(example.Prompt, Ids(tokens, "prompt"));
            Assert.Equal(example.Completions[0], Ids(tokens, "chosen"));
            Assert.Equal(example.Completions[1], Ids(tokens, "rejected"));
            Assert.Equal(expected.PromptCut + expected.Cut.Sum(), tokens.GetProperty("cut").GetInt32());
        }
    }

    static IEnumerable<int> Ids(JsonElement tokens, string name) => tokens.GetProperty(name).EnumerateArray().Select(id => id.GetInt32());
}
