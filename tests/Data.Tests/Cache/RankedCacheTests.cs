using OrtDpo.Batches;
using OrtDpo.Data.Cache;
using OrtDpo.Data.Ranked;

namespace OrtDpo.Data.Tests.Cache;

public sealed class RankedCacheTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Each_completion_is_scored_once_behind_one_prompt_whatever_the_pairs()
    {
        var rows = Rows(9, PairChoice.All);
        var (completions, tokens, isProbe) = (0, 0, true);
        var run = new CacheRun
        {
            Rows = rows,
            Scorer = batch =>
            {
                completions += isProbe ? 0 : batch.Completions;
                tokens += isProbe ? 0 : batch.Tokens;
                isProbe = false;
                return CacheRun.Score(batch);
            },
        };
        run.Write(folder.Path);
        Assert.Equal(9 * 4, completions);
        Assert.Equal(rows.Sum(row => row.Tokens.Prompt.Length + row.Tokens.Completions.Sum(c => c.Length)), tokens);

        var cache = ReferenceCache.Open(folder.Path);
        Assert.Equal(9 * 6, cache.Rows.Count);
        var expected = rows.SelectMany(row => row.Rows()).Select(row => (row.SourceRow, Key(row.Tokens)));
        Assert.Equal(expected.Order(), cache.Rows.Select(row => (row.SourceRow, row.RowKey)).Order());
        Assert.All(cache.Rows, row => Assert.All(
            row.Tokens.Completions.Zip(row.Reference), pair => Assert.Equal(Alone(row.Tokens.Prompt, pair.First), pair.Second.Tokens)));
        Assert.Empty(CacheAudit.Of(folder.Path).Faults);
    }

    [Fact]
    public void A_killed_run_continues_to_the_same_bytes()
    {
        var run = new CacheRun { Rows = Rows(12, PairChoice.All) };
        run.Write(folder.File("whole"));
        var calls = 0;
        Assert.Throws<TimeoutException>(() => new CacheRun
        {
            Rows = run.Rows, Scorer = batch => ++calls == 5 ? throw new TimeoutException() : CacheRun.Score(batch),
        }.Write(folder.File("killed")));
        run.Write(folder.File("killed"));
        Assert.Equal(CacheRun.Bytes(folder.File("whole")), CacheRun.Bytes(folder.File("killed")));
    }

    [Fact]
    public void Another_choice_of_pairs_takes_all_scores_of_an_older_cache()
    {
        new CacheRun { Rows = Rows(8, PairChoice.Adjacent) }.Write(folder.File("adjacent"));
        var calls = 0;
        new CacheRun
        {
            Rows = Rows(8, PairChoice.All), Reuse = [folder.File("adjacent")],
            Scorer = batch => ++calls == 1 ? CacheRun.Score(batch) : throw new InvalidOperationException("Nothing is left to score."),
        }.Write(folder.File("all"));
        new CacheRun { Rows = Rows(8, PairChoice.All) }.Write(folder.File("fresh"));
        Assert.Equal(Facts("fresh"), Facts("all"));

        IEnumerable<string> Facts(string name) => ReferenceCache.Open(folder.File(name)).Rows.Select(row =>
            $"{row.SourceRow} {row.RowKey} {row.Reference[0].Sum} {row.Reference[1].Sum}");
    }

    [Fact]
    public void A_pair_that_is_also_a_row_of_its_own_is_scored_once_and_written_for_both()
    {
        var ranked = Rows(1, PairChoice.All)[0];
        var twin = new PreparedExample("pairs.jsonl", 1, Split.Train, ranked.Rows().First().Tokens);
        var again = ranked with { Source = "other.jsonl" };
        var plan = ScoringPlan.Make([ranked, twin, again], CacheRun.Identity, KnownScores.None);
        Assert.Equal((1 + 6 + 6, 6), (plan.Summary.Rows, plan.Summary.Pairs));
        var rows = plan.Batches.SelectMany(b => b).SelectMany(planned => planned.Rows).ToList();
        Assert.Equal(6, rows.Select(row => row.Key).Distinct().Count());
        Assert.Equal(3, rows.Single(row => row.Key == Key(twin.Tokens)).Origins.Count);
    }

    [Fact]
    public void Plans_do_not_depend_on_the_order_of_the_rows()
    {
        var rows = Rows(10, PairChoice.BestRest);
        string Digest(IReadOnlyList<PreparedExample> some) =>
            ScoringPlan.Make(some, CacheRun.Identity, KnownScores.None).Summary.Digest;
        Assert.Equal(Digest(rows), Digest([.. rows.Reverse()]));
        Assert.NotEqual(Digest(rows), Digest(Rows(10, PairChoice.All)));
    }

    static IReadOnlyList<PreparedExample> Rows(int count, PairChoice choice) => [.. Enumerable.Range(0, count).Select(i =>
    {
        int[][] completions = [.. Enumerable.Range(0, 4).Select(k => Ids((10 * i) + k, 2 + ((i + k) % 3)))];
        var (used, pairs) = RankedPairs.Of([4, 3, 2, 1], choice);
        var known = used.Count == 2 ? Judgement.Preference.FirstOfTwo : new Judgement.Preference(pairs);
        var tokens = new Example(Ids(i + 500, 3), [.. used.Select(k => completions[k])], known);
        return new PreparedExample("ranked.jsonl", i + 1, i % 4 == 3 ? Split.Eval : Split.Train, tokens);
    })];

    static string Key(Example tokens) => RowKey.Of(CacheRun.Identity.ContractDigest, tokens);

    static float[] Alone(int[] prompt, int[] completion) =>
        CacheRun.Score(ExamplePacking.Pack([Example.Unjudged(prompt, completion)]))[..completion.Length];

    static int[] Ids(int seed, int count) => [.. Enumerable.Range(0, count).Select(i => 3 + (((seed * 31) + (i * 17)) % 45))];
}
