using OrtDpo.Core.Batches;
using OrtDpo.Core.Metrics;
using OrtDpo.Core.Training;

namespace OrtDpo.Core.Tests.Metrics;

public class PreferenceSumsTests
{
    [Fact]
    public void The_metrics_of_three_pairs_are_those_computed_by_hand()
    {
        // Two micro-batches of unequal size: means are over the three pairs, not over the batches.
        var sums = new PreferenceSums();
        sums.Add(
            MicroBatch.Of([Row(chosen: 2, rejected: 4), Row(chosen: 1, rejected: 1, refChosen: -3, refRejected: -2)]),
            new BatchScores([], Logps: [-4, -3, -6, -2], LossSum: 1.5, PairLosses: [1, 0.5f], ChosenRewards: [0.5f, 0.25f], RejectedRewards: [0.25f, 0.25f]));
        sums.Add(
            MicroBatch.Of([Row(chosen: 3, rejected: 1)]),
            new BatchScores([], Logps: [-3, -2], LossSum: 0.75, PairLosses: [0.75f], ChosenRewards: [-1], RejectedRewards: [0.5f]));
        var line = new MetricsLine();
        sums.WriteTo(line);

        Assert.Equal(2.25 / 3, line["loss"], 1e-12);
        Assert.Equal((0.5 + 0.25 - 1) / 3, line["rewards/chosen"], 1e-12);
        Assert.Equal((0.25 + 0.25 + 0.5) / 3, line["rewards/rejected"], 1e-12);
        Assert.Equal((0.25 + 0 - 1.5) / 3, line["rewards/margins"], 1e-12);
        // The first wins, the second ties and counts as wrong, the third loses.
        Assert.Equal(1 / 3.0, line["rewards/accuracies"], 1e-12);
        Assert.Equal(1 / 3.0, line["rewards/ties"], 1e-12);
        Assert.Equal(-10 / 3.0, line["logps/chosen"], 1e-12);
        Assert.Equal(-10 / 3.0, line["logps/rejected"], 1e-12);
        // Per token: -2 against -1.5, -3 against -2, -1 against -2.
        Assert.Equal(1 / 3.0, line["preference_accuracy"], 1e-12);
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0.001, 0, 1)]
    [InlineData(0.003, 1, 0)]
    [InlineData(-0.003, 0, 0)]
    public void A_margin_within_the_gates_tolerance_is_a_tie_and_counts_as_wrong(double dpoLogit, double accuracy, double ties)
    {
        // The reference says −5 and −4 nats of one token each; the tolerance is twice 1e-3 + 1e-5.
        var sums = new PreferenceSums();
        var reward = (float)(0.1 * dpoLogit);
        sums.Add(
            MicroBatch.Of([Row(1, 1, refChosen: -5, refRejected: -4)]), new BatchScores([], [(float)(-5 + dpoLogit), -4], 1, [1], [reward], [0]));
        var line = new MetricsLine();
        sums.WriteTo(line);
        Assert.Equal(accuracy, line["rewards/accuracies"]);
        Assert.Equal(ties, line["rewards/ties"]);
    }

    [Fact]
    public void Supervised_loss_is_a_mean_over_tokens()
    {
        var sums = new PreferenceSums();
        sums.Add(MicroBatch.Of([Row(chosen: 2, rejected: 0), Row(chosen: 6, rejected: 0)]), new BatchScores([], [-4, -6], 10, [], [], []));
        var line = new MetricsLine();
        sums.WriteTo(line, "eval_");
        Assert.Equal(10 / 8.0, line["eval_loss"], 1e-12);
        Assert.Equal(-5, line["eval_logps/chosen"], 1e-12);
        Assert.Null(line.Find("eval_rewards/chosen"));
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(8, 10)]
    [InlineData(10, 10)]
    [InlineData(117, 231)]
    public void The_interval_ends_where_the_score_test_would_just_reject(int successes, int trials)
    {
        var (low, high) = WilsonInterval.Of(successes, trials);
        var share = (double)successes / trials;
        Assert.InRange(share, low, high);
        // (share - p)^2 = z^2 p (1 - p) / n at both ends, except where an end is cut at 0 or 1.
        foreach (var p in (double[])[low, high])
        {
            if (p is > 0 and < 1)
            {
                Assert.Equal(1.959963984540054, Math.Abs(share - p) / Math.Sqrt(p * (1 - p) / trials), 1e-6);
            }
        }
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_null_in_json() =>
        Assert.Equal("""{"a/b":0.5,"c":null,"d":3}""", new MetricsLine().Add("a/b", 0.5).Add("c", double.NaN).Add("d", 3).ToJson());

    static TrainingRow Row(int chosen, int rejected, double refChosen = 0, double refRejected = 0) =>
        new("", new PairTokens([1], new int[chosen], new int[rejected]), new ReferenceLogps(refChosen, refRejected, [], []), "rows", 1);
}
