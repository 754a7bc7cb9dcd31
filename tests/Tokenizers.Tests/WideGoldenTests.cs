using System.Text;

namespace OrtDpo.Tokenizers.Tests;

/// <summary>Ids and decoded texts of thousands of texts, held against Hugging Face's own library (tests/golden/text/make.mjs).</summary>
public sealed class WideGoldenTests
{
    const int Texts = 20;

    static readonly System.Text.Json.JsonElement Golden = TokenizerGolden.Read("wide.json");

    [Theory]
    [InlineData("gpt2", "tokenizers/gpt2")]
    [InlineData("llama2", "tokenizers/llama2")]
    [InlineData("phi-3-mini", "tokenizers/phi-3-mini")]
    [InlineData("stories260K", "stories260K")]
    public void A_published_tokenizer_gives_the_same_ids_and_texts(string golden, string folder)
    {
        var tokenizer = ModelTokenizer.Load(SharedData.Folder(folder));

        Assert.All(["made", "harmless", "demos"], set => Check(golden, set, tokenizer));
    }

    [Theory]
    [InlineData("qwen2")]
    [InlineData("llama3")]
    public void A_small_tokenizer_of_a_current_kind_gives_the_same_ids_and_texts(string variant) =>
        Check($"tiny/{variant}", "made", TinyTokenizers.LoadVariant(variant));

    static void Check(string golden, string set, ModelTokenizer tokenizer)
    {
        var hashes = Golden.GetProperty(golden).GetProperty(set);
        var (expectedIds, expectedTexts) = (hashes.GetProperty("ids").GetString()!, hashes.GetProperty("decoded").GetString()!);
        var wrong = new List<string>();
        foreach (var (i, texts) in WideTexts.Of(set).Chunk(Texts).Index())
        {
            var rows = texts.Select(tokenizer.Encode).ToList();
            var decoded = string.Join('\n', rows.Select(ids => tokenizer.Decode(ids)));
            if (TokenizerGolden.Hash(rows.SelectMany(ids => ids.Append(-1))) != expectedIds.Substring(8 * i, 8))
            {
                wrong.Add($"ids of {Texts * i} to {(Texts * (i + 1)) - 1}");
            }

            if (TokenizerGolden.Hash(Encoding.UTF8.GetBytes(decoded).Select(b => (int)b)) != expectedTexts.Substring(8 * i, 8))
            {
                wrong.Add($"decoded texts of {Texts * i} to {(Texts * (i + 1)) - 1}");
            }
        }

        Assert.True(wrong.Count == 0, $"{golden}, {set}: {wrong.Count} differ: {string.Join(", ", wrong.Take(20))}");
    }
}
