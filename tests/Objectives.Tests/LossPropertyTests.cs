using FsCheck;
using FsCheck.Fluent;

namespace OrtDpo.Objectives.Tests;

/// <summary>What must hold whatever the numbers are.</summary>
[Trait("Speed", "native")]
public sealed class LossPropertyTests
{
    const int Pairs = 5;

    static readonly Arbitrary<int> Seeds = Gen.Choose(0, 1_000_000).ToArbitrary();

    static readonly Config Few = Config.QuickThrowOnFailure.WithMaxTest(10);

    public static TheoryData<string> PairForms => new(EveryLoss.Forms.Where(f => EveryLoss.Of(f).Rows == ObjectiveRows.Pairs));

    public static TheoryData<string> PairSums =>
        new(EveryLoss.Forms.Where(f => EveryLoss.Of(f) is { Rows: ObjectiveRows.Pairs, Scope: ObjectiveScope.Row }));

    public static TheoryData<string> Referenced => new(EveryLoss.Forms.Where(f => EveryLoss.Of(f).NeedsReference));

    // A loss of the difference of the sums alone.
    public static TheoryData<string> OfDifferences =>
        new("sigmoid", "cdpo", "robust", "hinge", "ipo_sum", "exo_pair", "discopop", "aot", "aot_unpaired", "cpo");

    [Theory]
    [MemberData(nameof(PairForms))]
    public void Swapping_chosen_and_rejected_negates_the_reward_margin(string form)
    {
        using var run = new LossRun(EveryLoss.Of(form));
        Holds(batch =>
        {
            var (one, other) = (run.Run(batch.Vectors, batch.Scalars), run.Run(Swapped(batch), batch.Scalars));
            Near(one["chosen_reward"], other["rejected_reward"]);
            Near(one["rejected_reward"], other["chosen_reward"]);
        });
    }

    [Theory]
    [MemberData(nameof(PairSums))]
    public void Permuting_the_pairs_permutes_the_losses_and_gradients(string form)
    {
        using var run = new LossRun(EveryLoss.Of(form));
        Holds(batch =>
        {
            var (one, other) = (run.Run(batch.Vectors, batch.Scalars), run.Run(Reversed(batch), batch.Scalars));
            Near([.. one["pair_loss"].Reverse()], other["pair_loss"]);
            Near(ReversedHalves(one["logps_grad"]), other["logps_grad"]);
        });
    }

    [Theory]
    [InlineData("aot")]
    [InlineData("aot_unpaired")]
    public void Permuting_the_pairs_of_a_sorted_loss_permutes_its_gradients_and_nothing_else(string form)
    {
        using var run = new LossRun(EveryLoss.Of(form));
        Holds(batch =>
        {
            var (one, other) = (run.Run(batch.Vectors, batch.Scalars), run.Run(Reversed(batch), batch.Scalars));
            Near(one["pair_loss"], other["pair_loss"]);
            Near(ReversedHalves(one["logps_grad"]), other["logps_grad"]);
        });
    }

    [Theory]
    [MemberData(nameof(Referenced))]
    public void A_shift_of_policy_and_reference_alike_changes_nothing(string form)
    {
        using var run = new LossRun(EveryLoss.Of(form));
        Holds(batch =>
        {
            var shifted = batch.Vectors.ToDictionary(
                v => v.Key, v => v.Key.Contains("logps", StringComparison.Ordinal) ? [.. v.Value.Select(x => x - 2.5)] : v.Value);
            Near(run.Run(batch.Vectors, batch.Scalars)["pair_loss"], run.Run(shifted, batch.Scalars)["pair_loss"]);
        });
    }

    [Theory]
    [MemberData(nameof(OfDifferences))]
    public void A_shift_of_both_completions_changes_nothing(string form)
    {
        using var run = new LossRun(EveryLoss.Of(form));
        Holds(batch =>
        {
            var shifted = new Dictionary<string, double[]>(batch.Vectors) { ["logps"] = [.. batch.Vectors["logps"].Select(x => x - 2.5)] };
            var (one, other) = (run.Run(batch.Vectors, batch.Scalars), run.Run(shifted, batch.Scalars));
            var gradient = one["logps_grad"];
            Near(one["pair_loss"], other["pair_loss"]);
            AssertClose(0, gradient.Sum(), Tolerances.Float64 * gradient.Max(Math.Abs));
        });
    }

    [Theory]
    [InlineData("sigmoid/smoothed")]
    [InlineData("cdpo")]
    [InlineData("exo_pair")]
    [InlineData("simpo/smoothed")]
    public void Labels_that_are_right_half_the_time_make_the_loss_symmetric(string form)
    {
        using var run = new LossRun(EveryLoss.Of(form));
        Holds(batch =>
        {
            // gamma would tell chosen from rejected.
            var even = new Dictionary<string, double>(batch.Scalars) { ["label_smoothing"] = 0.5, ["gamma"] = 0 };
            Near(run.Run(batch.Vectors, even)["pair_loss"], run.Run(Swapped(batch), even)["pair_loss"]);
        });
    }

    [Fact]
    public void A_robust_loss_averaged_over_flipped_labels_is_the_sigmoid_loss()
    {
        // arXiv:2403.00409: (1 − e) L(z) + e L(−z) = −log σ(z), with e = 0.1.
        using var robust = new LossRun(EveryLoss.Of("robust"));
        using var sigmoid = new LossRun(EveryLoss.Of("sigmoid"));
        Holds(batch =>
        {
            var right = robust.Run(batch.Vectors, batch.Scalars)["pair_loss"];
            var flipped = robust.Run(Swapped(batch), batch.Scalars)["pair_loss"];
            var expected = sigmoid.Run(batch.Vectors, batch.Scalars)["pair_loss"];
            Near(expected, [.. right.Zip(flipped, (a, b) => (0.9 * a) + (0.1 * b))]);
        });
    }

    [Fact]
    public void An_alpha_divergence_of_zero_is_the_forward_kl()
    {
        using var alpha = new LossRun(Objective.Parse("sigmoid", new ObjectiveOptions { FDivergence = "alpha_divergence", FAlpha = 0 }));
        using var forward = new LossRun(Objective.Parse("sigmoid", new ObjectiveOptions { FDivergence = "forward_kl" }));
        Holds(batch => Near(forward.Run(batch.Vectors, batch.Scalars)["pair_loss"], alpha.Run(batch.Vectors, batch.Scalars)["pair_loss"]));
    }

    [Fact]
    public void A_mix_is_the_weighted_sum_of_its_parts_and_its_weights_are_not_normalised()
    {
        using var mix = new LossRun(Objective.Parse("sigmoid:0.8,bco_pair:0.2,sft:3"));
        using var sigmoid = new LossRun(Objective.Parse("sigmoid"));
        using var bco = new LossRun(Objective.Parse("bco_pair"));
        Holds(batch =>
        {
            var nll = -batch.Vectors["logps"][..Pairs].Sum() * batch.Scalars["token_scale"];
            Near([(0.8 * Of(sigmoid)) + (0.2 * Of(bco)) + (3 * nll)], [Of(mix)]);

            double Of(LossRun run) => run.Run(batch.Vectors, batch.Scalars)["loss"][0];
        });
    }

    static void Holds(Action<RandomBatch> property) =>
        Prop.ForAll(Seeds, seed => property(RandomBatch.Draw(seed, 2 * Pairs))).Check(Few);

    static Dictionary<string, double[]> Swapped(RandomBatch batch) => new(batch.Vectors)
    {
        ["logps"] = [.. batch.Vectors["logps"][Pairs..], .. batch.Vectors["logps"][..Pairs]],
        ["lengths"] = [.. batch.Vectors["lengths"][Pairs..], .. batch.Vectors["lengths"][..Pairs]],
        ["ref_chosen_logps"] = batch.Vectors["ref_rejected_logps"],
        ["ref_rejected_logps"] = batch.Vectors["ref_chosen_logps"],
    };

    static Dictionary<string, double[]> Reversed(RandomBatch batch) =>
        batch.Vectors.ToDictionary(
            v => v.Key, v => v.Key.StartsWith("ref", StringComparison.Ordinal) ? [.. v.Value.Reverse()] : ReversedHalves(v.Value));

    static double[] ReversedHalves(double[] both) => [.. both[..Pairs].Reverse(), .. both[Pairs..].Reverse()];

    static void Near(double[] expected, double[] actual) =>
        AssertClose(expected, actual, Tolerances.Float64, relative: Tolerances.Float64);
}
