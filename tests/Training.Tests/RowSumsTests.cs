using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Training.Tests;

public class RowSumsTests
{
    static readonly LossTraits Pairs = new() { Rows = RowKind.Pair, NeedsReference = true, HasNll = true };
    static readonly LossTraits Supervised = new() { Rows = RowKind.Supervised, NeedsReference = false };
    static readonly LossTraits Unpaired = new() { Rows = RowKind.Unpaired, NeedsReference = true, NeedsKl = true };

    [Fact]
    public void The_metrics_of_three_pairs_are_those_computed_by_hand()
    {
        // Two parts of unequal size: means are over the three pairs, not over the parts.
        var sums = RowSums.Of(Pairs);
        Add(sums, Pairs, [-4, -6, -3, -2], new(0.5, [0.5f, 0.25f, 0.25f, 0.25f], []),
            Row(chosen: 2, rejected: 4), Row(1, 1, refChosen: -3, refRejected: -2));
        Add(sums, Pairs, [-3, -2], new(0.25, [-1, 0.5f], []), Row(chosen: 3, rejected: 1));
        var line = Written(sums);

        AssertClose(0.75, line["loss"], Tolerances.Float64);
        AssertClose((0.5 + 0.25 - 1) / 3, line["rewards/chosen"], Tolerances.Float64);
        AssertClose((0.25 + 0.25 + 0.5) / 3, line["rewards/rejected"], Tolerances.Float64);
        AssertClose((0.25 + 0 - 1.5) / 3, line["rewards/margins"], Tolerances.Float64);
        // The first wins, the second ties and counts as wrong, the third loses.
        AssertClose(1 / 3.0, line["rewards/accuracies"], Tolerances.Float64);
        AssertClose(1 / 3.0, line["rewards/ties"], Tolerances.Float64);
        AssertClose(-10 / 3.0, line["logps/chosen"], Tolerances.Float64);
        AssertClose(-10 / 3.0, line["logps/rejected"], Tolerances.Float64);
        AssertClose(10 / 6.0, line["nll_loss"], Tolerances.Float64);
        // Per token: -2 against -1.5, -3 against -2, -1 against -2.
        AssertClose(1 / 3.0, line["preference_accuracy"], Tolerances.Float64);
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0.001, 0, 1)]
    [InlineData(0.003, 1, 0)]
    [InlineData(-0.003, 0, 0)]
    public void A_margin_within_the_gates_tolerance_is_a_tie_and_counts_as_wrong(double dpoLogit, double accuracy, double ties)
    {
        // The reference says −5 and −4 nats of one token each; the tolerance is twice 1e-3 + 1e-5.
        var sums = RowSums.Of(Pairs);
        Add(sums, Pairs, [(float)(-5 + dpoLogit), -4], new(1, [(float)(0.1 * dpoLogit), 0], []), Row(1, 1, refChosen: -5, refRejected: -4));
        var line = Written(sums);
        Assert.Equal(accuracy, line["rewards/accuracies"]);
        Assert.Equal(ties, line["rewards/ties"]);
    }

    [Fact]
    public void Supervised_rows_have_a_loss_and_a_log_probability_and_nothing_else()
    {
        var sums = RowSums.Of(Supervised);
        Add(sums, Supervised, [-4, -6], new(1.25, [], []), Row(chosen: 2, rejected: 0), Row(chosen: 6, rejected: 0));
        var line = Written(sums, "eval_");
        Assert.Equal(["eval_loss", "eval_logps/chosen"], line.Values.Select(v => v.Key));
        AssertClose(1.25, line["eval_loss"], Tolerances.Float64);
        AssertClose(-5, line["eval_logps/chosen"], Tolerances.Float64);
    }

    [Fact]
    public void Unpaired_means_are_over_the_rows_of_a_label_also_where_a_part_has_only_one()
    {
        var sums = RowSums.Of(Unpaired);
        Add(sums, Unpaired, [-4, -6], new(0.5, [1, 2], []), Judged(true), Judged(true));
        Add(sums, Unpaired, [-9, -2], new(0.25, [-3, 6], []), Judged(false), Judged(true));
        var line = Written(sums);
        AssertClose(0.75, line["loss"], Tolerances.Float64);
        Assert.Equal(3, line["count/chosen"]);
        Assert.Equal(1, line["count/rejected"]);
        AssertClose(3, line["rewards/chosen"], Tolerances.Float64);
        AssertClose(-3, line["rewards/rejected"], Tolerances.Float64);
        AssertClose(6, line["rewards/margins"], Tolerances.Float64);
        AssertClose(-4, line["logps/chosen"], Tolerances.Float64);
        AssertClose(-9, line["logps/rejected"], Tolerances.Float64);
        AssertClose(0.125, line["kl"], Tolerances.Float64);
    }

    [Fact]
    public void A_label_without_rows_has_no_means()
    {
        var sums = RowSums.Of(Unpaired);
        Add(sums, Unpaired, [-4], new(0.5, [1], []), Judged(true));
        var line = Written(sums);
        Assert.Equal(0, line["count/rejected"]);
        Assert.All((string[])["rewards/rejected", "logps/rejected", "rewards/margins"], name => Assert.Null(line.Find(name)));
    }

    // One token carries a completion's whole log-probability.
    static void Add(RowSums sums, LossTraits traits, float[] logps, LossValues values, params TrainingRow[] rows)
    {
        var micro = MicroBatch.Of(rows);
        var tokenLogps = new float[micro.Packed.CompletionMask.Length];
        for (var r = 0; r < logps.Length; r++)
        {
            tokenLogps[r * micro.Packed.CompletionWidth] = logps[r];
        }

        var scored = new ScoredRows(traits);
        scored.Add(micro, tokenLogps);
        sums.Add(scored, values, kl: 0.125);
    }

    static MetricsLine Written(RowSums sums, string prefix = "")
    {
        var line = new MetricsLine();
        sums.WriteTo(line, prefix);
        return line;
    }

    // Without rejected tokens a row to imitate.
    static TrainingRow Row(int chosen, int rejected, double refChosen = 0, double refRejected = 0) => rejected == 0
        ? new([""], Example.Unjudged([1], new int[chosen]), null, "rows", 1)
        : new([""], Example.Pair([1], new int[chosen], new int[rejected]), [new(refChosen, []), new(refRejected, [])], "rows", 1);

    static TrainingRow Judged(bool desirable) =>
        new([""], Example.Labelled([1], [0], desirable), [new(0, [])], "rows", 1) { Mismatched = new([1], 0) };
}
