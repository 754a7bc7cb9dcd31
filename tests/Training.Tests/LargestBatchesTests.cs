using OrtDpo.Batches;

namespace OrtDpo.Training.Tests;

/// <summary>The batches that a plan looks at stand for all that a run can meet.</summary>
public sealed class LargestBatchesTests
{
    // As with 8 heads and 32 MiB of scores.
    const long MostWhole = (32 << 20) / (8 * sizeof(float));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_step_has_a_larger_batch_nor_one_of_more_scores_that_exist_whole(int seed)
    {
        var random = new Random(seed);
        var row = TrainingRows.Pairs(1)[0];
        TrainingRow[] rows = [.. Enumerable.Range(0, 80).Select(i => row with
        {
            Keys = [$"{i}"],
            Tokens = Example.Pair(new int[random.Next(10, 300)], new int[random.Next(1, 200)], new int[random.Next(1, 200)]),
        })];
        var options = new TrainingOptions { BatchPairs = 8 };
        var planned = LargestBatches.Of(rows, options, BatchLayout.Packed, MostWhole);
        var steps = Enumerable.Range(0, 2000).Select(_ => random.GetItems(rows, options.BatchPairs).DistinctBy(r => r.Keys[0]));
        var met = steps.SelectMany(step => MicroBatches.Split(step, null, BatchLayout.Packed)).Select(micro => micro.Packed).ToList();

        Assert.True(met.Max(Positions) <= planned.Max(Positions));
        var whole = met.Where(batch => Scores(batch) <= MostWhole).ToList();
        Assert.NotEmpty(whole);
        Assert.True(whole.Max(Scores) <= planned.Where(batch => Scores(batch) <= MostWhole).Max(Scores));
        // Without the bound nobody looks at these: the longest rows' batches have more scores, which do not exist whole.
        Assert.DoesNotContain(
            LargestBatches.Of(rows, options, BatchLayout.Packed),
            batch => Scores(batch) <= MostWhole && Scores(batch) >= whole.Max(Scores));
    }

    static long Positions(PackedBatch batch) => (long)batch.Rows * batch.Width;

    static long Scores(PackedBatch batch) => batch.Rows * (long)batch.Width * batch.Width;
}
