using OrtDpo.Batches;
using OrtDpo.Data.Inspection;

namespace OrtDpo.Data.Tests;

public sealed class PairScoresTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("score_chosen", "score_rejected")]
    [InlineData("chosen_score", "rejected_score")]
    [InlineData("chosen-rating", "rejected-rating")]
    [InlineData("chosen_rating", "rejected_rating")]
    [InlineData("reward_chosen", "reward_rejected")]
    public void ScoresThatContradictTheLabelsAreCounted(string chosen, string rejected)
    {
        var ledger = Prepare(
            $$"""{"prompt":"p","chosen":" a","rejected":" b","{{chosen}}":8.5,"{{rejected}}":7}""",
            $$"""{"prompt":"q","chosen":" a","rejected":" b","{{chosen}}":2,"{{rejected}}":5}""",
            $$"""{"prompt":"r","chosen":" a","rejected":" b","{{chosen}}":3,"{{rejected}}":3}""",
            $$"""{"prompt":"s","chosen":" a","rejected":" b","{{chosen}}":1,"{{rejected}}":null}""").Ledger;

        Assert.Equal(new ScoreContradictions(1, 3, "pairs.jsonl:2", 2, 5), ledger.ContradictingScores);
        Assert.Null(ledger.PassedOverColumns);
        Assert.Equal(
            ["warning: the rejected completion has the higher score in 1 of 3 rows with scores of both; are the labels swapped? "
                + "(pairs.jsonl:2: chosen 2, rejected 5)"],
            LedgerText.Warnings(ledger));
    }

    [Fact]
    public void ScoresThatAgreeAreNotSpokenOf()
    {
        var ledger = Prepare("""{"prompt":"p","chosen":" a","rejected":" b","score_chosen":8.5,"score_rejected":7}""").Ledger;

        Assert.Null(ledger.ContradictingScores);
        Assert.Empty(LedgerText.Warnings(ledger));
    }

    [Fact]
    public void AScoreOfOneCompletionAloneIsAColumnThatIsNotUsed()
    {
        var ledger = Prepare("""{"prompt":"p","chosen":" a","rejected":" b","score_chosen":8.5}""").Ledger;

        Assert.Equal(["score_chosen"], ledger.PassedOverColumns!.Select(column => column.Name));
    }

    [Fact]
    public void ScoresInTextsAreNumbersAndWhatIsNoneIsAColumnThatIsNotUsed()
    {
        Assert.NotNull(Prepare("""{"prompt":"p","chosen":" a","rejected":" b","score_chosen":"1","score_rejected":"2.5"}""")
            .Ledger.ContradictingScores);
        Assert.Equal(
            ["score_chosen", "score_rejected"],
            Prepare("""{"prompt":"p","chosen":" a","rejected":" b","score_chosen":"bad","score_rejected":[1]}""")
                .Ledger.PassedOverColumns!.Select(column => column.Name));
    }

    [Fact]
    public void FormsThatAreRewrittenKeepTheirScores()
    {
        var ledger = Prepare(
            """{"question":"q","chosen":" a","rejected":" b","score_chosen":1,"score_rejected":4}""").Ledger;

        Assert.Equal(1, ledger.ContradictingScores!.Rows);
        Assert.Null(ledger.PassedOverColumns);
    }

    [Fact]
    public void InspectionNamesTheRows()
    {
        var rows = new List<InspectedRow>();
        Prepare(
            (text, encoded, split, copies) => rows.AddRange(InspectedRow.Of(text, encoded, split, copies)),
            """{"prompt":"p","chosen":" a","rejected":" b","score_chosen":8.5,"score_rejected":7}""",
            """{"prompt":"q","chosen":" a","rejected":" b","score_chosen":2,"score_rejected":5}""");

        var warning = Assert.Single(
            InspectionWarnings.Of(RowKind.Pair, rows, bosId: null, [1]), warning => warning.Kind == "contradicting_scores");
        Assert.Equal(["pairs.jsonl:2"], warning.Rows);
    }

    PreparedData Prepare(params string[] lines) => Prepare(seen: null, lines);

    PreparedData Prepare(Action<ExampleText, EncodedExample, Split, int>? seen, params string[] lines) => ExamplePreparation.Prepare(
        RowKind.Pair,
        new DataSettings { Files = DataSource.FromPaths([folder.Write("pairs.jsonl", string.Join('\n', lines))]) },
        new ExampleEncoder(Letters, Letters, eosId: 1, maxLength: 50),
        Shard.Whole,
        seen);

    static int[] Letters(string text) => [.. text.Select(c => (int)c)];
}
