using OrtDpo.Batches;

namespace OrtDpo.Training.Tests;

public class OrderTests
{
    [Fact]
    public void The_generator_is_the_published_one()
    {
        // The first numbers for seed 1234567, as published beside implementations of SplitMix64 in other languages.
        var random = new SplitMix64(1234567);
        ulong[] expected = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        Assert.All(expected, e => Assert.Equal(e, random.Next()));
    }

    [Fact]
    public void Each_epoch_is_another_permutation_and_each_seed_too()
    {
        var orders = new HashSet<string>();
        for (var seed = 0UL; seed < 3; seed++)
        {
            for (var epoch = 0; epoch < 3; epoch++)
            {
                var order = DataOrder.Permutation(50, seed, epoch);
                Assert.Equal(Enumerable.Range(0, 50), order.Order());
                Assert.Equal(order, DataOrder.Permutation(50, seed, epoch));
                Assert.True(orders.Add(string.Join(',', order)));
            }
        }
    }

    [Fact]
    public void Every_place_is_taken_by_every_row_about_equally_often()
    {
        var counts = new int[5, 5];
        for (var epoch = 0; epoch < 5000; epoch++)
        {
            var order = DataOrder.Permutation(5, seed: 1, epoch);
            for (var i = 0; i < 5; i++)
            {
                counts[i, order[i]]++;
            }
        }

        // 1000 expected, standard deviation sqrt(5000 * 0.2 * 0.8) = 28; five of them.
        Assert.All(counts.Cast<int>(), c => Assert.InRange(c, 860, 1140));
    }

    [Fact]
    public void An_epoch_uses_every_row_once_and_the_next_goes_on_without_a_gap()
    {
        var rows = TrainingRows.Pairs(10);
        var plan = new TrainingPlan(new TrainingOptions { BatchPairs = 4, MaxSteps = 7 }, rows, []);
        Assert.Equal(3, plan.StepsPerEpoch);
        Assert.Equal([4, 4, 2, 4, 4, 2, 4], Enumerable.Range(1, 7).Select(s => plan.RowsOf(s).Count));
        foreach (var first in (int[])[1, 4])
        {
            var used = Enumerable.Range(first, 3).SelectMany(plan.RowsOf).Select(r => r.Keys[0]);
            Assert.Equal(rows.Select(r => r.Keys[0]).Order(), used.Order());
        }

        // Asked for out of order, as a resumed run does.
        Assert.Equal(plan.RowsOf(5).Select(r => r.Keys[0]), new TrainingPlan(plan.Options, rows, []).RowsOf(5).Select(r => r.Keys[0]));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(16)]
    public void The_pairs_of_a_row_lie_in_one_step_and_no_step_is_empty(int batchPairs)
    {
        var rows = TrainingRows.Pairs(23).Select((row, i) => WithPairs(row, 1 + (i % 6))).ToArray();
        var plan = new TrainingPlan(new TrainingOptions { BatchPairs = batchPairs, Epochs = 3 }, rows, []);
        var pairs = rows.Sum(row => row.Terms);
        Assert.Equal((pairs + batchPairs - 1) / batchPairs, plan.StepsPerEpoch);
        foreach (var epoch in Enumerable.Range(0, 3))
        {
            var steps = Enumerable.Range(1, plan.StepsPerEpoch).Select(s => plan.RowsOf((epoch * plan.StepsPerEpoch) + s)).ToList();
            Assert.Equal(rows.Select(r => r.Id).Order(), steps.SelectMany(s => s).Select(r => r.Id).Order());
            // A row moves to the step of its last pair: at most five pairs come with it.
            Assert.All(steps, step => Assert.InRange(step.Sum(row => row.Terms), 1, batchPairs + 5));
        }
    }

    [Fact]
    public void More_pairs_of_a_row_than_a_step_has_are_refused_by_the_row()
    {
        var row = WithPairs(TrainingRows.Pairs(1)[0], 28);
        var e = Assert.Throws<InvalidDataException>(() => new TrainingPlan(new TrainingOptions { BatchPairs = 8 }, [row], []));
        Assert.Equal(
            "rows.jsonl:1 gives 28 pairs, which lie in one step, and `BatchPairs` is 8. Give at least 28, or make fewer pairs of ranked "
                + "completions (`Pairs`).",
            e.Message);
    }

    static TrainingRow WithPairs(TrainingRow row, int pairs) => row with
    {
        Tokens = row.Tokens with { Known = new Judgement.Preference([.. Enumerable.Repeat(new CompletionPair(0, 1), pairs)]) },
    };

    [Fact]
    public void Micro_batches_hold_every_row_once_and_keep_to_their_budget()
    {
        var rows = TrainingRows.Pairs(40);
        var long1 = rows[0] with { Keys = ["long"], Tokens = Example.Pair([1], new int[3000], [1]) };
        var long2 = rows[0] with { Keys = ["longer"], Tokens = Example.Pair([1], new int[5000], [1]) };
        var micro = MicroBatches.Split([.. rows, long1, long2], null, BatchLayout.Packed).ToList();
        Assert.Equal(42, micro.SelectMany(m => m.Rows).Select(r => r.Keys[0]).Distinct().Count());
        Assert.Equal("longer", Assert.Single(micro[0].Rows).Keys[0]);
        Assert.Equal("long", Assert.Single(micro[1].Rows).Keys[0]);
        Assert.All(micro.Skip(1), m => Assert.InRange(m.Rows.Count * m.Rows[0].Tokens.Length, 1, MicroBatches.PositionBudget));
        Assert.Equal([15, 15, 10], MicroBatches.Split(rows, 15, BatchLayout.Packed).Select(m => m.Rows.Count));
    }

    /// <summary>A model that reads stacked rows makes the scores of whole rows: B · S² numbers a head.</summary>
    [Fact]
    public void Micro_batches_of_stacked_rows_keep_to_the_square_of_the_length_too()
    {
        const long Scores = (long)MicroBatches.PositionBudget * MicroBatches.ScoredWidth;
        var row = TrainingRows.Pairs(1)[0];
        int[] lengths = [1500, 1100, 800, 800, 600, 600, 500, 500, 500, 500, 500, 300, 300, .. Enumerable.Repeat(20, 300)];
        TrainingRow[] rows = [.. lengths.Select((length, i) => row with
        {
            Keys = [$"{i}"], Tokens = Example.Pair(new int[length - 8], new int[8], new int[i % 2 == 0 ? 8 : 2]),
        })];

        var micro = MicroBatches.Split(rows, null, BatchLayout.Stacked).ToList();

        Assert.Equal(rows.Length, micro.SelectMany(m => m.Rows).DistinctBy(r => r.Keys[0]).Count());
        Assert.All(micro, m => Assert.True(
            m.Rows.Count == 1
            || (m.Packed.Rows * m.Packed.Width <= MicroBatches.PositionBudget
                && m.Packed.Rows * (long)m.Packed.Width * m.Packed.Width <= Scores)));
        // 2 x 800 positions a row; two of them are 4 x 800² scores, over 4,096 x 512. Up to 512, positions alone decide.
        Assert.Equal([1, 1, 1, 1, 2, 4], micro.Take(6).Select(m => m.Rows.Count));
    }

    [Fact]
    public void A_plan_without_rows_is_refused() =>
        Assert.Throws<InvalidDataException>(() => new TrainingPlan(new TrainingOptions(), [], []));
}
