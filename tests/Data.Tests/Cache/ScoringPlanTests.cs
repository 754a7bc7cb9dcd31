using OrtDpo.Data.Cache;

namespace OrtDpo.Data.Tests.Cache;

public sealed class ScoringPlanTests
{
    [Fact]
    public void Every_row_is_planned_once_and_equal_tokens_are_scored_once()
    {
        var pairs = CacheRun.Pairs(70);
        var plan = ScoringPlan.Make(pairs, CacheRun.Identity, KnownScores.None, batchTokens: 48, partBatches: 2);
        var planned = plan.Batches.SelectMany(b => b).ToList();
        var origins = planned.SelectMany(p => p.Rows).SelectMany(row => row.Origins);
        Assert.Equal(pairs.OrderBy(p => p.SourceRow), origins.OrderBy(p => p.SourceRow));
        Assert.Equal(60, plan.Summary.Pairs);
        Assert.Equal(60, planned.Select(p => p.Key).Distinct().Count());
    }

    [Fact]
    public void Batches_are_sorted_by_length_and_stay_within_the_budget()
    {
        var plan = ScoringPlan.Make(CacheRun.Pairs(70), CacheRun.Identity, KnownScores.None, batchTokens: 48, partBatches: 2);
        var lengths = plan.Batches.SelectMany(b => b).Select(p => p.Scored.Length).ToList();
        Assert.Equal(lengths.OrderDescending(), lengths);
        Assert.All(plan.Batches, b => Assert.True(b.Count * b[0].Scored.Length <= 48));
        Assert.All(plan.Batches.Zip(plan.Batches.Skip(1)), b => Assert.True((b.First.Count + 1) * b.First[0].Scored.Length > 48));
    }

    [Fact]
    public void A_pair_longer_than_the_budget_is_a_batch_of_its_own()
    {
        var plan = ScoringPlan.Make(CacheRun.Pairs(10), CacheRun.Identity, KnownScores.None, batchTokens: 2, partBatches: 2);
        Assert.All(plan.Batches, b => Assert.Single(b));
    }

    [Fact]
    public void The_parts_hold_all_batches_in_order()
    {
        var plan = ScoringPlan.Make(CacheRun.Pairs(70), CacheRun.Identity, KnownScores.None, batchTokens: 48, partBatches: 4);
        Assert.Equal(plan.Batches, Enumerable.Range(0, plan.Summary.Parts).SelectMany(plan.BatchesOf));
        Assert.NotEqual(0, plan.Batches.Count % 4);
    }

    [Fact]
    public void The_plan_does_not_depend_on_the_order_of_the_rows_but_on_their_splits()
    {
        var pairs = CacheRun.Pairs(40);
        var contract = CacheRun.Identity;
        var digest = ScoringPlan.Make(pairs, contract, KnownScores.None).Summary.Digest;
        Assert.Equal(digest, ScoringPlan.Make([.. pairs.Reverse()], contract, KnownScores.None).Summary.Digest);
        Assert.NotEqual(
            digest,
            ScoringPlan.Make([pairs[0] with { Split = Split.Train }, .. pairs.Skip(1)], contract, KnownScores.None).Summary.Digest);
        Assert.NotEqual(digest, ScoringPlan.Make([.. pairs.Skip(1)], contract, KnownScores.None).Summary.Digest);
    }
}
