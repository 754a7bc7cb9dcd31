using System.Text.Json.Nodes;
using OrtDpo.Data.Cache;
using OrtDpo.Tokenizers;

namespace OrtDpo.Pipeline.Tests;

/// <summary>Conversations in Parquet, as UltraFeedback is published, from the file to the reference cache.</summary>
public sealed class NestedParquetTests : IDisposable
{
    const string Template = """
        {% for m in messages %}<|{{ m.role }}|>
        {{ m.content }}<|endoftext|>
        {% endfor %}{% if add_generation_prompt %}<|assistant|>
        {% endif %}
        """;

    static readonly string Published = Repository.Find("tests", "golden", "parquet", "ultrafeedback-arrow.parquet");

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // Of 60 rows every seventh has a rejected answer that says nothing.
    [Fact]
    public void Conversations_are_scored_as_the_template_writes_them_and_the_cache_verifies()
    {
        var model = Model();
        var cache = folder.File("ref");

        var output = TinyPipeline.Succeed("precompute", "--model", model, "--data", Published, "--out", cache);

        Assert.Contains("60 rows: 51 kept whole, 0 kept truncated, 9 dropped.", output, StringComparison.Ordinal);
        var verified = TinyPipeline.Succeed("verify", cache, "--model", model);
        Assert.Contains("everything is as it was written", verified, StringComparison.Ordinal);
        var tokenizer = ModelTokenizer.Load(model);
        var rows = ReferenceCache.Open(cache).Rows;
        Assert.Equal(Enumerable.Range(1, 60).Where(n => n % 7 != 1).Select(n => (long)n), rows.Select(row => row.SourceRow).Order());
        foreach (var row in rows)
        {
            var i = row.SourceRow - 1;
            var word = string.Concat(Enumerable.Repeat("é日😀", (int)i % 3));
            var question = $"<|user|>\nQuestion {i}: “{word}”?\n<|endoftext|>\n<|assistant|>\n";
            var more = i % 4 == 3 ? $"Which {i}?<|endoftext|>\n<|user|>\nThat.<|endoftext|>\n<|assistant|>\n" : "";
            Assert.Equal(question + more, tokenizer.Decode(row.Tokens.Prompt, skipSpecial: false));
            Assert.Equal($"Answer {i}<|endoftext|>", tokenizer.Decode(row.Tokens.Completions[0], skipSpecial: false));
            Assert.Equal("No<|endoftext|>", tokenizer.Decode(row.Tokens.Completions[1]!, skipSpecial: false));
        }
    }

    [Fact]
    public void The_ledger_is_that_of_the_same_rows_in_json_lines()
    {
        var lines = Path.Combine(Path.GetDirectoryName(Published)!, "ultrafeedback.jsonl");
        JsonNode[] ledgers = [.. new[] { Published, lines }.Select(path =>
            JsonNode.Parse(TinyPipeline.Succeed("inspect", "--model", Model(), "--data", path, "--json"))!["ledger"]!)];

        foreach (var count in (string[])["input", "kept_whole", "kept_truncated", "dropped"])
        {
            Assert.Equal((int)ledgers[1][count]!, (int)ledgers[0][count]!);
        }

        Assert.Equal(51, (int)ledgers[0]["kept_whole"]!);
        Assert.Equal(ledgers[1]["prompt_tokens"]!.ToJsonString(), ledgers[0]["prompt_tokens"]!.ToJsonString());
    }

    [Theory]
    [InlineData("refused-map", "'odd/list/element/pairs' (map)")]
    [InlineData("refused-float16", "'odd/half' (float16)")]
    public void A_column_that_is_not_read_is_one_sentence_with_exit_code_one(string name, string expected)
    {
        var path = Repository.Find("tests", "golden", "parquet", $"{name}.parquet");

        var run = OrtDpoProgram.Run("precompute", "--model", Model(), "--data", path, "--out", folder.File("ref"));

        Assert.Equal(
            (1, "", $"{path}: none of its columns is read: {expected}. Write rows of text, numbers, lists and structs."),
            (run.ExitCode, run.Output, run.Error.TrimEnd()));
        Assert.False(Directory.Exists(folder.File("ref")));
    }

    string Model()
    {
        var model = TinyModel.Write(folder.File("model"));
        folder.Write(Path.Combine("model", "chat_template.jinja"), Template);
        return model;
    }
}
