using OrtDpo.Batches;

namespace OrtDpo.Data.Tests;

public sealed class TranscriptTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_prompt_ends_with_the_last_assistant_marker_that_both_texts_share()
    {
        var row = ReadOne(
            "\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant: yes",
            "\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant: no");
        Assert.Equal("\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant:", row.Prompt);
        Assert.Equal((" yes", " no"), (row.Chosen, row.Rejected));
    }

    [Fact]
    public void Texts_that_part_before_the_last_turn_share_the_earlier_marker()
    {
        var row = ReadOne("\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant: d", "\n\nHuman: a\n\nAssistant: x");
        Assert.Equal("\n\nHuman: a\n\nAssistant:", row.Prompt);
        Assert.Equal((" b\n\nHuman: c\n\nAssistant: d", " x"), (row.Chosen, row.Rejected));
    }

    [Theory]
    [InlineData("\n\nHuman: a\n\nAssistant: b", "\n\nHuman: x\n\nAssistant: b", DropReason.NoAssistantMarker)]
    [InlineData("\n\nHuman: a\n\nAssistant:", "\n\nHuman: a\n\nAssistant: b", DropReason.EmptyChosen)]
    [InlineData("\n\nHuman: a\n\nAssistant: b", "\n\nHuman: a\n\nAssistant: \n", DropReason.EmptyRejected)]
    public void Rows_without_a_shared_marker_or_with_an_empty_side_are_unusable(string chosen, string rejected, DropReason reason) =>
        Assert.Equal(reason, ReadOne(chosen, rejected).Unusable);

    [Fact]
    public void Every_row_of_the_harmless_test_set_is_accounted_for()
    {
        var path = Path.Combine(SharedData.Folder("hh-rlhf"), "harmless-base-test.jsonl.gz");
        var encoder = new ExampleEncoder(WordTokenizer.EncodeWithBos, WordTokenizer.Continue, WordTokenizer.Eos, maxLength: 512);
        var prepared = ExamplePreparation.Prepare(
            RowKind.Pair,
            new DataSettings { Files = DataSource.FromPaths([path]), Split = new SplitRule(0.1, Seed: 0, AllowLeak: false) },
            encoder,
            Shard.Whole);
        var ledger = prepared.Ledger;
        Assert.Equal(2312, ledger.Input);
        Assert.Equal(2312, ledger.KeptWhole + ledger.KeptTruncated + ledger.Dropped + ledger.OtherShards);
        Assert.Equal(ledger.KeptWhole + ledger.KeptTruncated, prepared.Examples.Count);
        // A character tokenizer counts one token a character: nothing of what is kept whole is lost.
        Assert.All(
            prepared.Examples,
            pair => Assert.EndsWith("\n\nAssistant:", WordTokenizer.Decode(pair.Tokens.Prompt), StringComparison.Ordinal));
        Assert.InRange(ledger.Eval / (double)prepared.Examples.Count, 0.05, 0.15);
    }

    ExampleText ReadOne(string chosen, string rejected)
    {
        var json = System.Text.Json.JsonSerializer.Serialize(
            new Dictionary<string, string> { ["chosen"] = chosen, ["rejected"] = rejected });
        return Assert.Single(PairFile.Read(folder.Write("hh.jsonl", json), "hh.jsonl"));
    }
}
