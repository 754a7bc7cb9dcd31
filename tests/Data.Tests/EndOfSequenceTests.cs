using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.Data.Inspection;
using OrtDpo.Tokenizers;

namespace OrtDpo.Data.Tests;

/// <summary>A completion is ended by every token at which the model's generation stops.</summary>
public sealed class EndOfSequenceTests : IDisposable
{
    const int Eos = 1;
    const int Turn = 2;

    // Every character of the texts is a token of its own, behind the three added ones.
    const string Letters = "\nabceilnorsy.,Y NHUATt:<>|/_dufmh";

    readonly TemporaryFolder folder = new();

    public EndOfSequenceTests()
    {
        var vocabulary = Letters.Select((letter, i) => (Text: letter.ToString(), Id: 3 + i)).ToDictionary(t => t.Text, t => t.Id);
        folder.Write("tokenizer.json", JsonSerializer.Serialize(new
        {
            added_tokens = new[] { Added(0, "<s>"), Added(Eos, "</s>"), Added(Turn, "<|turn|>") },
            model = new { type = "BPE", vocab = vocabulary, merges = Array.Empty<string>() },
        }));
        folder.Write("tokenizer_config.json", """{"bos_token": "<s>", "eos_token": "</s>"}""");
    }

    static int Stop => Id('.');

    static int LineFeed => Id('\n');

    public void Dispose() => folder.Dispose();

    // Llama 3 Instruct's first files, Gemma 3, and a model that stops at an ordinary token.
    [Theory]
    [InlineData("[1, 2]", "<|turn|>\n", Turn)]
    [InlineData("2", "<|turn|>\n", Turn)]
    [InlineData("[2]", "<|turn|> \n\n", Turn)]
    [InlineData("[1, 2]", "</s>\n", Eos)]
    [InlineData("[1, 15]", ".\n", 15)]
    [InlineData("[1, 2]", "<|turn|>\n</s>", Turn)]
    [InlineData("[1, 2]", "<|turn|></s>\n", Turn)]
    [InlineData("[3, 1]", "\n\n", 3)]
    public void An_answer_that_the_template_ends_with_any_end_token_is_ended_and_nothing_stands_behind_it(
        string ids, string end, int last)
    {
        Assert.Equal((15, 3), (Stop, LineFeed));
        var encoded = Encode(ids, Conversation(end));
        Assert.Equal(last, encoded.Tokens!.Completions[0][^1]);
        Assert.Equal([Id('Y'), Id('e'), Id('s')], encoded.Tokens.Completions[0][..^1]);
        Assert.Equal([Id('N'), Id('o'), last], encoded.Tokens.Completions[1]);
    }

    [Theory]
    [InlineData("[1, 2]", "Yes<|turn|>", Turn)]
    [InlineData("[1, 2]", "Yes<|turn|>\n", Turn)]
    [InlineData("[1, 2]", "Yes</s> \n", Eos)]
    [InlineData("[1, 2]", "Yes", Eos)]
    [InlineData("[1, 15]", "Yes.\n", 15)]
    public void So_is_a_completion_that_is_text(string ids, string completion, int last)
    {
        var tokens = Encode(ids, Pair(completion, "No")).Tokens!;
        Assert.Equal([Id('Y'), Id('e'), Id('s'), last], tokens.Chosen);
        Assert.Equal([Id('N'), Id('o'), Eos], tokens.Rejected);
    }

    static ExampleText Pair(string chosen, string rejected) =>
        new("data", 1, "Hi", [chosen, rejected], Judgement.Preference.FirstOfTwo);

    [Fact]
    public void The_same_end_twice_is_no_second_one()
    {
        var tokens = Encode("[1, 15]", Pair("Yes...", "No</s></s>")).Tokens!;
        Assert.Equal([Id('Y'), Id('e'), Id('s'), Stop, Stop, Stop], tokens.Chosen);
        Assert.Equal([Id('N'), Id('o'), Eos, Eos], tokens.Rejected);
    }

    [Fact]
    public void White_space_that_no_end_token_precedes_stays()
    {
        var tokens = Encode("[1, 2]", Pair("Yes \n", "<|turn|>No\n")).Tokens!;
        Assert.Equal([Id('Y'), Id('e'), Id('s'), Id(' '), LineFeed, Eos], tokens.Chosen);
        Assert.Equal([Turn, Id('N'), Id('o'), LineFeed, Eos], tokens.Rejected);
    }

    [Fact]
    public void Ledger_and_warnings_count_every_end_token()
    {
        var rows = """
            {"prompt":"Hi","completion":"Yes<|turn|>"}
            {"prompt":"Hi","completion":"No sir"}
            {"prompt":"Hi","completion":"as<|turn|>"}
            """;
        folder.Write("generation_config.json", """{"eos_token_id": [1, 2]}""");
        var tokenizer = ModelTokenizer.Load(folder.Path);
        var data = new DataSettings { Files = DataSource.FromPaths([folder.Write("data.jsonl", rows)]) };
        var inspected = new List<InspectedRow>();
        var prepared = ExamplePreparation.Prepare(
            RowKind.Supervised, data, ExampleEncoder.Of(folder.Path, tokenizer, data, maxLength: 50), Shard.Whole,
            (text, encoded, split, _) => inspected.Add(new InspectedRow(text, encoded, split)));
        Assert.Equal(1, prepared.Ledger.EosShare);
        var warnings = InspectionWarnings.Of(RowKind.Supervised, inspected, tokenizer.BosId, tokenizer.EosIds);
        Assert.DoesNotContain(warnings, warning => warning.Kind == "missing_eos");
        // Two tokens before the one that ends it.
        Assert.Equal(["data.jsonl:3"], warnings.Single(warning => warning.Kind == "short_completions").Rows);
    }

    static object Added(int id, string content) => new { id, content, special = true };

    static int Id(char letter) => 3 + Letters.IndexOf(letter, StringComparison.Ordinal);

    EncodedExample Encode(string ids, ExampleText text) => Encode(ids, _ => text);

    EncodedExample Encode(string ids, Func<ExampleEncoder, ExampleText> text)
    {
        folder.Write("generation_config.json", $$"""{"eos_token_id": {{ids}}}""");
        var tokenizer = ModelTokenizer.Load(folder.Path);
        var encoder = ExampleEncoder.Of(folder.Path, tokenizer, new DataSettings { Files = [] }, maxLength: 50);
        return encoder.Encode(text(encoder));
    }

    Func<ExampleEncoder, ExampleText> Conversation(string end)
    {
        folder.Write(
            "chat_template.jinja",
            "{% for m in messages %}{{ m.role[0] }}:{{ m.content }}{% if m.role == 'assistant' %}"
            + $"{{{{ {JsonSerializer.Serialize(end)} }}}}{{% endif %}}{{% endfor %}}{{% if add_generation_prompt %}}a:{{% endif %}}");
        var path = folder.Write("data.jsonl", """
            {"prompt": [{"role": "user", "content": "Hi"}], "chosen": [{"role": "assistant", "content": "Yes"}],
            """.TrimEnd() + """
             "rejected": [{"role": "assistant", "content": "No"}]}
            """);
        return encoder => Assert.Single(PairFile.Read(path, "data.jsonl", conversations: encoder.Conversations));
    }
}
