using OrtDpo.Batches;
using OrtDpo.Data.Cache;

namespace OrtDpo.Data.Tests.Cache;

public sealed class FeedbackCacheTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_row_comes_back_with_its_label_its_scores_and_those_of_another_completion()
    {
        var run = FeedbackRun.Of(30);
        run.Write(folder.Path);
        var cache = ReferenceCache.Open(folder.Path);
        Assert.Equal(RowKind.Unpaired, cache.Kind);
        var byKey = cache.Rows.GroupBy(r => r.RowKey).ToDictionary(g => g.Key, g => g.First());
        foreach (var (cached, row) in cache.Rows.Zip(run.Rows))
        {
            Assert.Equal(
                (row.Source, row.SourceRow, row.Split, row.Tokens.Known),
                (cached.Source, cached.SourceRow, cached.Split, cached.Tokens.Known));
            Assert.Equivalent(row.Tokens, cached.Tokens, strict: true);

            // Scored alone, without the neighbours of its batch.
            var reference = Assert.Single(cached.Reference);
            Assert.Equal(Alone(row.Tokens), reference.Tokens);
            Assert.Equal(reference.Tokens.Sum(l => (double)l), reference.Sum);
            Assert.NotEqual(cached.RowKey, cached.Mismatched!.RowKey);
            var other = byKey[cached.Mismatched.RowKey];
            Assert.Equal(row.Split, other.Split);
            Assert.Equal(Alone(row.Tokens with { Completions = other.Tokens.Completions }).Sum(l => (double)l), cached.Mismatched.Sum);
        }
    }

    [Fact]
    public void Equal_tokens_may_have_both_labels()
    {
        FeedbackRun.Of(7).Write(folder.Path);
        var twins = ReferenceCache.Open(folder.Path).Rows
            .GroupBy(r => r.RowKey).Single(g => g.Count() == 2).ToList();
        Assert.NotEqual(twins[0].Tokens.Known, twins[1].Tokens.Known);
        Assert.Equal(twins[0].Reference[0].Sum, twins[1].Reference[0].Sum);
        Assert.Equal(twins[0].Mismatched, twins[1].Mismatched);
    }

    [Fact]
    public void A_part_that_is_lost_is_written_again_to_the_same_bytes()
    {
        var run = FeedbackRun.Of(30);
        run.Write(folder.Path);
        var before = CacheRun.Bytes(folder.Path);
        File.Delete(folder.File("part-1of1-00001.parquet"));
        run.Write(folder.Path);
        Assert.Equal(before, CacheRun.Bytes(folder.Path));
    }

    [Fact]
    public void A_cache_of_pairs_is_not_continued_with_feedback_nor_with_other_labels()
    {
        FeedbackRun.Of(30).Write(folder.Path);
        Refused(new CacheRun(), "holds a cache that was made of the kind 'unpaired'");
        Refused(
            new CacheRun { Rows = [.. FeedbackRun.Rows(30).Select(OtherLabel)] },
            "from other rows, or another split of them");

        void Refused(CacheRun run, string message) =>
            Assert.Contains(message, Assert.Throws<InvalidDataException>(() => run.Write(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sample_that_is_scored_again_is_compared_with_both_completions()
    {
        FeedbackRun.Of(30).Write(folder.Path);
        var cache = ReferenceCache.Open(folder.Path);
        var same = Rescoring.Measure(cache, sample: 12, new FakeScorer(CacheRun.Score));
        Assert.Empty(same.Faults);
        Assert.Equal(12, same.Pairs);
        var other = Rescoring.Measure(cache, sample: 12, new FakeScorer(batch =>
            [.. CacheRun.Score(batch).Select((logp, i) => i / batch.CompletionWidth % 2 == 0 ? logp : logp * 1.1f)]));
        Assert.Contains(other.Faults, fault => fault.Contains("mismatched completion", StringComparison.Ordinal));
    }

    [Fact]
    public void Scores_of_feedback_are_not_reused_for_pairs()
    {
        FeedbackRun.Of(30).Write(folder.File("old"));
        var e = Assert.Throws<InvalidDataException>(() => new CacheRun { Reuse = [folder.File("old")] }.Write(folder.File("new")));
        Assert.Contains("holds unpaired feedback; scores are taken from caches of pairs.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_row_has_no_other_completion()
    {
        var row = FeedbackRun.Rows(1)[0];
        var e = Assert.Throws<InvalidDataException>(() =>
            ScoringPlan.Make([row, row with { SourceRow = 2 }], CacheRun.Identity, KnownScores.None));
        Assert.StartsWith("data.jsonl:1 is the only held-out row, all its copies counted as one.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_other_completion_depends_on_the_rows_and_not_on_their_order()
    {
        var rows = FeedbackRun.Rows(40);
        Assert.Equal(Others(rows), Others([.. rows.Reverse()]));

        static SortedDictionary<string, string?> Others(IReadOnlyList<PreparedExample> rows) =>
            new(
                ScoringPlan.Make(rows, CacheRun.Identity, KnownScores.None).Batches.SelectMany(b => b)
                    .ToDictionary(p => p.Key, p => p.Rows[0].KlRowKey),
                StringComparer.Ordinal);
    }

    [Fact]
    public void Each_completion_goes_to_one_other_prompt()
    {
        string[] keys = [.. Enumerable.Range(0, 50).Select(i => $"{i:00}")];
        var next = Mismatch.Assign(keys);
        Assert.Equal(keys, next.Values.Order());
        Assert.All(next, pair => Assert.NotEqual(pair.Key, pair.Value));
    }

    [Fact]
    public void Another_completion_is_cut_to_the_room_behind_the_prompt()
    {
        Assert.Equal([4, 5], Mismatch.Cut([1, 2, 3], [4, 5, 6], maxLength: 5));
        Assert.Equal([4, 5, 6], Mismatch.Cut([1, 2], [4, 5, 6], maxLength: 5));
    }

    static PreparedExample OtherLabel(PreparedExample row) =>
        row with { Tokens = row.Tokens with { Known = new Judgement.Label(row.Tokens.Known is Judgement.Label { IsDesirable: false }) } };

    static float[] Alone(Example tokens)
    {
        var batch = ExamplePacking.Pack([tokens]);
        return CacheRun.Score(batch)[..tokens.Completions[0].Length];
    }
}
