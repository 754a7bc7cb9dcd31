namespace OrtDpo.Objectives.Tests;

/// <summary>Losses that the golden file lacks, with numbers derived in the comments.</summary>
[Trait("Speed", "native")]
public sealed class LossByHandTests
{
    [Fact]
    public void Orpo_is_the_nll_and_the_log_odds_ratio()
    {
        // Two tokens each with p = 1/2 against one with p = 1/4: odds 1 and 1/3, ratio 3, sigmoid(ln 3) = 3/4.
        // L = ln 2 - beta ln(3/4); d log-odds / d mean = 1 / (1 - p) = 2 and 4/3; a mean of two tokens halves.
        var results = Run(
            Objective.Parse("orpo", new ObjectiveOptions { Beta = 0.1 }),
            LossRun.PairVectors([-2 * Math.Log(2)], [-2 * Math.Log(2)], [], [], [2], [1]));
        Near([Math.Log(2) + (0.1 * Math.Log(4.0 / 3))], results["loss"]);
        Near([(-1 - (0.1 * 0.25 * 2)) / 2, 0.1 * 0.25 * 4 / 3], results["logps_grad"]);
    }

    [Fact]
    public void Alphapo_compares_powers_of_the_mean_probability()
    {
        // a = 1/2; p = 1/4 and 1/16, p^-a = 2 and 4; (1 - p^-a) / a = -2 and -6; beta (-2 + 6) - gamma = 1 - gamma.
        Near([Math.Log(1 + Math.Exp(-1))], Loss(gamma: 0));
        Near([Math.Log(2)], Loss(gamma: 1));

        double[] Loss(double gamma) => Run(
            Objective.Parse("alphapo", new ObjectiveOptions { AlphapoAlpha = 0.5, Beta = 0.25, Gamma = gamma }),
            LossRun.PairVectors([-2 * Math.Log(2)], [-8 * Math.Log(2)], [], [], [1], [2]))["loss"];
    }

    [Fact]
    public void Alphapo_tends_to_simpo()
    {
        var batch = RandomBatch.Draw(seed: 3, rows: 8);
        var simpo = Run(Objective.Parse("simpo"), batch.Vectors)["pair_loss"];
        var alphapo = Run(Objective.Parse("alphapo", new ObjectiveOptions { AlphapoAlpha = 1e-6 }), batch.Vectors)["pair_loss"];
        AssertClose(simpo, alphapo, Tolerances.AlphaNearZero);
    }

    [Fact]
    public void Kto_weighs_both_labels_against_the_kl()
    {
        // beta 2, kl 1/2. Desirable, r = 1: 1.5 (1 - sigmoid(1)). Undesirable, r = -1/2: 0.5 (1 - sigmoid(2 (1/2 + 1/2))).
        var objective = Objective.Parse("kto", new ObjectiveOptions { Beta = 2, DesirableWeight = 1.5, UndesirableWeight = 0.5 });
        var results = Run(objective, Feedback([-2, -3.5], [-3, -3], [1, 0]), ("kl", 0.5));
        Near([1.5 / (1 + Math.E), 0.5 / (1 + Math.Exp(2))], results["pair_loss"]);
        Near([2, -1], results["reward"]);
        // sigmoid'(1) = sigmoid'(-1); the undesirable row's gradient has the other sign.
        var slope = Math.E / Math.Pow(1 + Math.E, 2);
        Near([-1.5 * 2 * slope, 0.5 * 2 * Math.Exp(2) / Math.Pow(1 + Math.Exp(2), 2)], results["logps_grad"]);
    }

    [Fact]
    public void Unpaired_apo_zero_is_kto_without_the_kl()
    {
        // beta 1, r = ln 3: sigmoid = 3/4.
        var reference = -1 - Math.Log(3);
        var results = Run(
            Objective.Parse("apo_zero_unpaired", new ObjectiveOptions { Beta = 1 }), Feedback([-1, -1], [reference, reference], [1, 0]));
        Near([0.25, 0.75], results["pair_loss"]);
    }

    [Fact]
    public void Aot_matches_ranks_and_not_pairs()
    {
        // Policy differences 3, 1; reference differences 0, 4: sorted 1, 3 minus 0, 4 = 1, -1. Pair 0 is second.
        var results = Run(
            Objective.Parse("aot", new ObjectiveOptions { Beta = 1 }), LossRun.PairVectors([-1, -1], [-4, -2], [-1, -1], [-1, -5]));
        Near([Math.Log(1 + Math.Exp(-1)), Math.Log(1 + Math.E)], results["pair_loss"]);
        double low = 1 / (1 + Math.E), high = Math.E / (1 + Math.E);
        Near([-high, -low, high, low], results["logps_grad"]);
    }

    [Fact]
    public void Aot_keeps_the_order_of_ties()
    {
        // Policy differences 2, 2, 2; reference differences 1, 0, -1: ranks in the order of the pairs against -1, 0, 1.
        var results = Run(
            Objective.Parse("aot", new ObjectiveOptions { Beta = 1 }), LossRun.PairVectors([0, 0, 0], [-2, -2, -2], [0, 0, 0], [-1, 0, 1]));
        Near([3.0, 2, 1], [.. results["logps_grad"][..3].Select(g => Math.Log((1 + g) / -g))]);
    }

    [Fact]
    public void A_divergence_scores_each_completion_and_not_only_differences()
    {
        // beta 1, forward KL: s = -e^-r = -1 and -2 for r = 0 and -ln 2; BCO: softplus(1) + softplus(-2).
        var results = Run(
            Objective.Parse("bco_pair", new ObjectiveOptions { Beta = 1, FDivergence = "forward_kl" }),
            LossRun.PairVectors([-1], [-1 - Math.Log(2)], [-1], [-1]));
        Near([Math.Log(1 + Math.E) + Math.Log(1 + Math.Exp(-2))], results["loss"]);
        // The rewards are those of the raw log-ratios.
        Near([0], results["chosen_reward"]);
        Near([-Math.Log(2)], results["rejected_reward"]);
    }

    [Fact]
    public void Rewards_without_a_reference_are_the_log_probabilities_that_the_loss_sees()
    {
        var vectors = LossRun.PairVectors([-6], [-8], [], [], [3], [2]);
        Near([2.0 * -2], Run(Objective.Parse("simpo"), vectors)["chosen_reward"]);
        Near([2.0 * -4], Run(Objective.Parse("simpo"), vectors)["rejected_reward"]);
        Near([0.1 * -6], Run(Objective.Parse("cpo"), vectors)["chosen_reward"]);
    }

    static Dictionary<string, double[]> Feedback(double[] logps, double[] refLogps, double[] labels) =>
        new() { ["logps"] = logps, ["ref_logps"] = refLogps, ["labels"] = labels };

    static Dictionary<string, double[]> Run(
        Objective objective, IReadOnlyDictionary<string, double[]> vectors, params (string Name, double Value)[] scalars)
    {
        using var run = new LossRun(objective);
        return run.Run(vectors, scalars.ToDictionary(s => s.Name, s => s.Value));
    }

    static void Near(double[] expected, double[] actual) =>
        AssertClose(expected, actual, Tolerances.Float64, relative: Tolerances.Float64);
}
