using OrtDpo.Batches;
using OrtDpo.Runs;
using OrtDpo.Ship.Statistics;

namespace OrtDpo.Ship.Tests.Statistics;

public sealed class ClusteredTests
{
    // 1, 2, 6: mean 3, variance (4 + 1 + 9) / 2 = 7, standard error sqrt(7 / 3), t of two degrees.
    [Fact]
    public void Rows_of_prompts_of_their_own_have_students_interval()
    {
        var found = Clustered.Mean([("a", 1, 1), ("b", 2, 1), ("c", 6, 1)]);
        // The quantile of two degrees in closed form.
        var half = 0.95 * Math.Sqrt(2 / (1 - (0.95 * 0.95))) * Math.Sqrt(7 / 3.0);
        AssertClose([3, 3 - half, 3 + half], [found.Estimate, found.Low, found.High], Tolerances.Float64);
    }

    [Fact]
    public void Rows_that_repeat_their_prompt_add_nothing()
    {
        (string, double, double)[] rows = [("a", 1, 1), ("b", 2, 1), ("c", 6, 1), ("d", -1, 1)];
        var (once, often) = (Clustered.Mean(rows), Clustered.Mean([.. rows, .. rows, .. rows]));
        AssertClose([once.Estimate, once.Low, once.High], [often.Estimate, often.Low, often.High], Tolerances.Float64);
    }

    // 6 nats of 2 tokens and 1 of 8: 0.7 a token. Residuals 6 - 1.4 and 1 - 5.6, over 10, by 2 / 1.
    [Fact]
    public void A_mean_over_tokens_is_a_ratio_and_so_is_its_error()
    {
        var found = Clustered.Mean([("a", 6, 2), ("b", 1, 8)]);
        var half = 12.706204736174698 * Math.Sqrt(2 * ((0.46 * 0.46) + (0.46 * 0.46)));
        AssertClose([0.7, 0.7 - half, 0.7 + half], [found.Estimate, found.Low, found.High], 1e-10);
    }

    [Fact]
    public void One_prompt_says_nothing_of_its_spread()
    {
        var found = Clustered.Mean([("a", 1, 1), ("a", 2, 1)]);
        Assert.Equal((1.5, double.NegativeInfinity, double.PositiveInfinity), (found.Estimate, found.Low, found.High));
    }

    // Where no prompt has both kinds it is the difference of two independent means: variances 2 / 2 and 8 / 2, each over n / (n - 1) twice.
    [Fact]
    public void A_difference_of_means_has_both_spreads()
    {
        var found = Clustered.Difference([("a", 1, true), ("b", 3, true), ("c", 0, false), ("d", 4, false)]);
        // Influences ±1/2 and ±2/2; their squares sum to 2.5, by 4 / 3; three degrees.
        var half = StudentT.Quantile975(3) * Math.Sqrt(2.5 * 4 / 3);
        AssertClose([0, -half, half], [found.Estimate, found.Low, found.High], Tolerances.Float64);
    }

    [Fact]
    public void A_share_of_rows_with_prompts_of_their_own_is_the_interval_that_evaluations_have()
    {
        var found = Clustered.Share([.. Enumerable.Range(0, 40).Select(i => ($"{i}", i < 31))]);
        var (low, high) = WilsonInterval.Of(31, 40);
        Assert.Equal((31 / 40.0, low, high), (found.Estimate, found.Low, found.High));
    }

    [Fact]
    public void Rows_of_a_prompt_that_are_all_alike_are_as_sure_as_one()
    {
        // Twenty prompts of five rows each; eighteen of them are right.
        var found = Clustered.Share([.. Enumerable.Range(0, 100).Select(i => ($"{i / 5}", i / 5 < 18))]);
        var (low, _) = WilsonInterval.Of(18, 20);
        Assert.Equal(0.9, found.Estimate);
        Assert.InRange(found.Low, low - 0.05, low);
        var alike = Clustered.Share([.. Enumerable.Range(0, 100).Select(i => ($"{i / 5}", true))]);
        Assert.Equal(WilsonInterval.Of(20, 20), (alike.Low, alike.High));
    }

    // What 95 % means: of samples from a known distribution so many have the truth in their interval. 2,000 samples are sure to 0.005.
    [Fact]
    public void Intervals_of_means_hold_the_truth_in_95_percent_of_samples()
    {
        var random = new SplitMix64(1);
        const int Samples = 2000;
        var (plain, shared) = (0, 0);
        for (var i = 0; i < Samples; i++)
        {
            var alone = Clustered.Mean([.. Enumerable.Range(0, 30).Select(row => ($"{row}", Normal(ref random), 1.0))]);
            plain += alone is { Low: <= 0, High: >= 0 } ? 1 : 0;
            // Ten prompts of three rows, half of whose variance is their prompt's.
            var rows = new List<(string, double, double)>();
            for (var prompt = 0; prompt < 10; prompt++)
            {
                var own = Normal(ref random);
                for (var row = 0; row < 3; row++)
                {
                    rows.Add(($"{prompt}", own + Normal(ref random), 1));
                }
            }

            shared += Clustered.Mean(rows) is { Low: <= 0, High: >= 0 } ? 1 : 0;
        }

        Assert.InRange((double)plain / Samples, 0.935, 0.965);
        Assert.InRange((double)shared / Samples, 0.93, 0.965);
    }

    [Fact]
    public void Intervals_of_shares_hold_the_truth_also_where_prompts_have_several_rows()
    {
        var random = new SplitMix64(2);
        const int Samples = 2000;
        const double Truth = 0.7;
        var (alone, shared, careless) = (0, 0, 0);
        for (var i = 0; i < Samples; i++)
        {
            alone += Holds(Clustered.Share([.. Enumerable.Range(0, 80).Select(row => ($"{row}", Uniform(ref random) < Truth))])) ? 1 : 0;
            var rows = new List<(string, bool)>();
            for (var prompt = 0; prompt < 40; prompt++)
            {
                // A prompt decides for most of its rows.
                var own = Uniform(ref random) < Truth;
                for (var row = 0; row < 5; row++)
                {
                    rows.Add(($"{prompt}", Uniform(ref random) < 0.8 ? own : Uniform(ref random) < Truth));
                }
            }

            shared += Holds(Clustered.Share(rows)) ? 1 : 0;
            var (low, high) = WilsonInterval.Of(rows.Count(row => row.Item2), rows.Count);
            careless += low <= Truth && high >= Truth ? 1 : 0;
        }

        Assert.InRange((double)alone / Samples, 0.93, 0.975);
        Assert.InRange((double)shared / Samples, 0.93, 0.975);
        // As if all rows were independent: what this is for.
        Assert.InRange((double)careless / Samples, 0, 0.8);

        static bool Holds(Interval found) => found.Low <= Truth && found.High >= Truth;
    }

    static double Uniform(ref SplitMix64 random) => (random.Next() >> 11) * (1.0 / (1UL << 53));

    // Box and Muller.
    static double Normal(ref SplitMix64 random) =>
        Math.Sqrt(-2 * Math.Log(1 - Uniform(ref random))) * Math.Cos(2 * Math.PI * Uniform(ref random));
}
