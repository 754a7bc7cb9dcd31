using OrtDpo.Batches;

namespace OrtDpo.Data.Tests;

public sealed class CompletionFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Feedback_is_a_prompt_a_completion_and_a_truth_value()
    {
        var path = folder.Write("data.jsonl", """
            {"prompt": "p", "completion": " c", "label": true, "source": "ignored"}
            {"prompt": "q", "completion": " ", "label": false}
            """);
        var rows = CompletionFile.Read(path, "data.jsonl", labelled: true).ToList();
        Assert.Equal(
            ("p", " c", null, true, null),
            (rows[0].Prompt, rows[0].Chosen, rows[0].Rejected, rows[0].Desirable, rows[0].Unusable));
        Assert.Equal((false, DropReason.EmptyCompletion), (rows[1].Desirable, rows[1].Unusable));
    }

    [Fact]
    public void Feedback_is_not_imitated_as_if_all_of_it_were_desirable()
    {
        var path = folder.Write("data.jsonl", """
            {"prompt": "p", "completion": "c", "label": 1}
            {"prompt": "q", "completion": "c", "label": false}
            """);
        var rows = CompletionFile.Read(path, "data.jsonl", labelled: false);
        Assert.Null(rows.First().Desirable);
        var e = Assert.Throws<InvalidDataException>(() => rows.ToList());
        Assert.Contains("line 2: 'label' makes this unpaired feedback", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"prompt": "p", "completion": "c", "label": 1}""", "'label' is 1; expected true or false. Each row needs")]
    [InlineData("""{"prompt": "p", "label": true}""",
        "'completion' is missing or no string. Each row needs the strings 'prompt' and 'completion' and the truth value 'label'.")]
    [InlineData("""{"text": "t", "label": true}""",
        "the row has 'text' alone, and what is learned here is a completion behind a prompt. For text that is learned whole, write it as "
            + "'completion' behind an empty 'prompt'; the tokenizer must then begin every sequence with a token.")]
    [InlineData("""{"prompt": 7, "completion": "c", "label": true}""", "'prompt' is missing or no string")]
    [InlineData("""["p"]""", "'completion' is missing or no string")]
    [InlineData("""{"prompt": "p", "completion": "\ud800", "label": true}""", "'completion' holds half of a surrogate pair")]
    public void A_row_that_is_no_feedback_is_refused_by_line(string row, string message)
    {
        var path = folder.Write("data.jsonl", "{\"prompt\": \"p\", \"completion\": \"c\", \"label\": true}\n" + row);
        var e = Assert.Throws<InvalidDataException>(() => CompletionFile.Read(path, "data.jsonl", labelled: true).ToList());
        Assert.Contains("line 2", e.Message, StringComparison.Ordinal);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"prompt": "p", "completion": "c"}""", true, "'label' is missing or neither true nor false")]
    [InlineData("""{"prompt": "p", "chosen": "c", "rejected": "r"}""", true,
        "the row is a preference pair ('chosen' and 'rejected'). Each row needs the strings 'prompt' and 'completion' and")]
    [InlineData("""{"prompt": "p", "chosen": "c", "rejected": "r"}""", false,
        "the row is a preference pair ('chosen' and 'rejected'). Each row needs the strings 'prompt' and 'completion'. To learn the chosen "
            + "answers, read them as completions (`Columns` completion=chosen).")]
    public void A_first_row_of_another_kind_is_named(string row, bool labelled, string message)
    {
        var path = folder.Write("data.jsonl", row);
        var e = Assert.Throws<InvalidDataException>(() => CompletionFile.Read(path, "data.jsonl", labelled).ToList());
        Assert.StartsWith($"{path} line 1: {message}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pairs_that_also_hold_a_conversation_can_be_imitated()
    {
        var row = """{"prompt": "p", "chosen": [{"role": "assistant", "content": "c"}], "rejected": [], "completion": "c"}""";
        Assert.Equal("c", Assert.Single(CompletionFile.Read(folder.Write("data.jsonl", row), "data.jsonl", labelled: false)).Chosen);
    }

    [Fact]
    public void The_ledger_counts_labels_and_single_completions()
    {
        var path = folder.Write("data.jsonl", """
            {"prompt": "x", "completion": "yes", "label": true}
            {"prompt": "x", "completion": "no", "label": false}
            {"prompt": "x", "completion": " ", "label": true}
            {"prompt": "x", "completion": "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy", "label": true}
            """);
        var encoder = new ExampleEncoder(WordTokenizer.EncodeWithBos, WordTokenizer.Continue, WordTokenizer.Eos, maxLength: 20);
        var prepared = ExamplePreparation.Prepare(
            RowKind.Unpaired, new DataSettings { Files = DataSource.FromPaths([path]) }, encoder, Shard.Whole);
        Assert.Equal([true, false, true], prepared.Examples.Select(p => p.Tokens.Known is Judgement.Label { IsDesirable: true }));
        var ledger = prepared.Ledger;
        Assert.Equal((4, 2, 1, 1, 2), (ledger.Input, ledger.KeptWhole, ledger.KeptTruncated, ledger.Dropped, ledger.Desirable));
        // Two of three completions end with the end of sequence, the third was cut.
        AssertClose(2 / 3.0, ledger.EosShare, Tolerances.Float64);
        Assert.Equal(0, ledger.RejectedTokens.Max);
        Assert.Contains("labels: 2 desirable, 1 undesirable", LedgerText.Lines(ledger));
        Assert.Contains("boundary merges: 0; completions that end with the end-of-sequence token: 66.7 %", LedgerText.Lines(ledger));
        Assert.Contains(
            LedgerText.Lines(ledger), line => line.EndsWith("cut off the ends of completions of 1 row", StringComparison.Ordinal));
    }
}
