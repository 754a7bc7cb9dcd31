using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.Data.Ranked;

namespace OrtDpo.Data.Tests;

public sealed class RankedRowTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public static TheoryData<string, string> Forms => new()
    {
        { "texts beside scores", """{"prompt":"Q","completions":["b","a","d","c"],"scores":[3,4,1,2]}""" },
        { "texts beside ranks", """{"prompt":"Q","responses":["b","a","d","c"],"ranks":[2,1,4,3]}""" },
        {
            "objects with scores",
            """
            {"prompt":"Q","completions":[{"text":"b","score":3},{"text":"a","score":4.5},{"text":"d","score":-1},{"text":"c","score":0}]}
            """
        },
        {
            "Nectar",
            """{"prompt":"Q","answers":[{"answer":"b","model":"x","rank":2.0},{"answer":"a","model":"y","rank":1.0},"""
                + """{"answer":"d","rank":4},{"answer":"c","rank":3}],"turns":1}"""
        },
        { "Argilla", """{"prompt":"Q","generations":["b","a","d","c"],"rating":[3,4,1,2]}""" },
        { "Snorkel", """{"prompt":"Q","all_generated_responses":["b","a","d","c"],"all_rm_scores":[0.3,0.4,0.1,0.2]}""" },
    };

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Forms))]
    public void Published_forms_give_the_same_pairs(string form, string row)
    {
        var text = Read(row, PairChoice.All);
        Assert.Equal(("Q", "a b c d"), (text.Prompt, string.Join(' ', text.Completions)));
        Assert.Equal(
            [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)], text.Known.Pairs.Select(pair => (pair.Chosen, pair.Rejected)));
        Assert.True(text.IsRanked, form);
    }

    [Theory]
    [InlineData(PairChoice.BestWorst, "a>d")]
    [InlineData(PairChoice.BestRest, "a>b a>c a>d")]
    [InlineData(PairChoice.Adjacent, "a>b b>c c>d")]
    [InlineData(PairChoice.All, "a>b a>c a>d b>c b>d c>d")]
    public void Each_choice_makes_its_pairs_and_keeps_the_completions_that_they_need(PairChoice choice, string expected)
    {
        var text = Read("""{"prompt":"Q","completions":["c","d","a","b"],"scores":[2,1,4,3]}""", choice);
        Assert.Equal(expected, Named(text));
        Assert.Equal(expected.Where(char.IsLetter).Distinct().Count(), text.Completions.Count);
    }

    [Theory]
    [InlineData(PairChoice.BestWorst, "a>d")]
    [InlineData(PairChoice.BestRest, "a>c a>d")]
    [InlineData(PairChoice.Adjacent, "b>c c>d")]
    [InlineData(PairChoice.All, "a>c a>d b>c b>d c>d")]
    public void Equal_scores_are_never_a_pair(PairChoice choice, string expected) =>
        Assert.Equal(expected, Named(Read("""{"prompt":"Q","completions":["a","b","c","d"],"scores":[3,3,2,1]}""", choice)));

    [Fact]
    public void Two_completions_are_the_pair_that_a_file_of_pairs_would_have()
    {
        var text = Read("""{"prompt":"Q","completions":["worse","better"],"ranks":[2,1]}""", PairChoice.All);
        Assert.Equal(["better", "worse"], text.Completions);
        Assert.Same(Judgement.Preference.FirstOfTwo, text.Known);
    }

    [Fact]
    public void UltraFeedback_is_a_conversation_whose_completions_answer_the_instruction()
    {
        var row = JsonSerializer.Serialize(new
        {
            source = "evol_instruct", instruction = "Why?",
            completions = new[]
            {
                new { model = "alpaca", response = "No.", overall_score = 2.5 },
                new { model = "bard", response = "So.", overall_score = 8.0 },
            },
        });
        using var document = JsonDocument.Parse(row);
        var found = new JsonRow(1, "here", document.RootElement);
        using var rewritten = RowForm.Of(found)!.Rewrite(found);
        Assert.Equal(
            """{"prompt":[{"role":"user","content":"Why?"}],"completions":[[{"role":"assistant","content":"No."}],"""
                + """[{"role":"assistant","content":"So."}]],"scores":[2.5,8]}""",
            rewritten.RootElement.GetRawText());
    }

    [Theory]
    [InlineData("""{"prompt":"Q","completions":["a","b"],"scores":[1,1]}""", DropReason.EqualScores)]
    [InlineData("""{"prompt":"Q","completions":["a"],"scores":[1]}""", DropReason.EqualScores)]
    [InlineData("""{"prompt":"Q","completions":[],"scores":[]}""", DropReason.EqualScores)]
    [InlineData("""{"prompt":"Q","completions":["a"," ","c"],"scores":[1,2,3]}""", DropReason.EmptyCompletion)]
    public void A_row_from_which_nothing_can_be_learned_is_dropped(string row, DropReason reason) =>
        Assert.Equal(reason, Read(row, PairChoice.All).Unusable);

    [Theory]
    [InlineData("""{"prompt":"Q","completions":["a","b"],"scores":[1]}""", "holds 2 completions and 'scores' 1 numbers")]
    [InlineData("""{"prompt":"Q","completions":["a","b"],"scores":[1,"2"]}""", "'scores' 2 is \"2\"; expected a finite number")]
    [InlineData("""{"prompt":"Q","completions":["a","b"],"scores":[1,1e999]}""", "'scores' 2 is 1e999; expected a finite number")]
    [InlineData("""{"prompt":"Q","completions":[{"text":"a","score":1},{"text":"b"}]}""", "'completions' 2 has no number")]
    [InlineData(
        """{"prompt":"Q","completions":[{"text":"a","score":1},{"reply":"b","score":2}]}""",
        "'completions' 2 has no text; expected one of response")]
    [InlineData("""{"completions":["a","b"],"scores":[1,2]}""", "'prompt' is missing, which the completions answer")]
    public void What_does_not_fit_is_refused_by_its_place(string row, string message)
    {
        var e = Assert.Throws<InvalidDataException>(() => Read(row, PairChoice.All));
        Assert.StartsWith(folder.File("data.jsonl") + " line 1", e.Message, StringComparison.Ordinal);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_ledger_counts_rows_completions_and_pairs_and_the_data_digest_has_the_choice()
    {
        var path = folder.Write("data.jsonl", string.Concat(Enumerable.Range(0, 5).Select(i =>
            $$"""{"prompt":"Q {{i}}","completions":["a","b","c","d"],"scores":[4,3,2,1]}""" + "\n")));
        var (all, ledger) = Prepare(path, PairChoice.All);
        Assert.Equal((5, 30), (all.Count, all.Sum(row => row.Rows().Count())));
        Assert.Equal(new RankedSummary("all", 5, 20, 30), ledger.Ranked);
        Assert.Contains(
            "ranked completions: 30 pairs (all) of 5 rows, whose 20 completions are scored once each", LedgerText.Lines(ledger));
        var digests = Enum.GetValues<PairChoice>()
            .Select(choice => Digest(choice)).ToList();
        Assert.Equal(4, digests.Distinct().Count());
        // Not given, it is the default, and says so.
        Assert.Equal(digests[0], Digest(null));

        string Digest(PairChoice? choice) =>
            DataDigest.Of(Settings(path, choice), ledger.Sources, Prepare(path, choice).Ledger.Ranked?.Choice);
    }

    [Fact]
    public void A_choice_without_ranked_rows_has_no_effect_and_is_refused()
    {
        var path = folder.Write("pairs.jsonl", """{"prompt":"Q","chosen":"a","rejected":"b"}""");
        var e = Assert.Throws<InvalidDataException>(() => Prepare(path, PairChoice.All));
        Assert.Equal("`Pairs` has no effect: no row has ranked completions. Leave it out.", e.Message);
        Assert.Null(Prepare(path, null).Ledger.Ranked);
    }

    ExampleText Read(string row, PairChoice choice) =>
        Assert.Single(PairFile.Read(folder.Write("data.jsonl", row), "data.jsonl", pairs: choice));

    static string Named(ExampleText text) => string.Join(
        ' ', text.Known.Pairs.Select(pair => $"{text.Completions[pair.Chosen]}>{text.Completions[pair.Rejected]}"));

    static DataSettings Settings(string path, PairChoice? choice) => new() { Files = DataSource.FromPaths([path]), Pairs = choice };

    static (IReadOnlyList<PreparedExample> Rows, Ledger Ledger) Prepare(string path, PairChoice? choice)
    {
        var encoder = new ExampleEncoder(WordTokenizer.EncodeWithBos, WordTokenizer.Continue, WordTokenizer.Eos, maxLength: 64);
        var prepared = ExamplePreparation.Prepare(RowKind.Pair, Settings(path, choice), encoder, Shard.Whole);
        return (prepared.Examples, prepared.Ledger);
    }
}
