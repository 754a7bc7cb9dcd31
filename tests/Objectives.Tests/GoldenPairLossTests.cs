using OrtDpo.Autodiff.Building;

namespace OrtDpo.Objectives.Tests;

[Trait("Speed", "native")]
public sealed class GoldenPairLossTests
{
    static readonly HashSet<string> Understood =
    [
        "id", "batch", "loss", "note", "beta", "label_smoothing", "discopop_tau", "f_divergence", "f_alpha_coef",
        "mean", "per_pair", "d_mean_d_policy_chosen", "d_mean_d_policy_rejected",
    ];

    public static TheoryData<string, DataType> Cases
    {
        get
        {
            var data = new TheoryData<string, DataType>();
            foreach (var id in GoldenLosses.Cases.Keys)
            {
                data.Add(id, DataType.Float64);
                data.Add(id, DataType.Float32);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_value_and_every_gradient_is_the_golden_one(string id, DataType type)
    {
        var golden = GoldenLosses.Cases[id];
        var batch = GoldenLosses.Batch(golden);
        double[] chosen = Of("policy_chosen_logps"), rejected = Of("policy_rejected_logps");
        var vectors = LossRun.PairVectors(
            chosen, rejected, Of("ref_chosen_logps"), Of("ref_rejected_logps"), Of("chosen_lengths"), Of("rejected_lengths"));
        var objective = Objective.Parse(GoldenLosses.Text(golden, "loss")!, GoldenLosses.Options(golden));
        using var run = new LossRun(objective, type);
        var results = run.Run(vectors, new Dictionary<string, double> { ["loss_scale"] = 1.0 / chosen.Length });

        GoldenTolerance.Check(type, "mean", [golden.GetProperty("mean").GetDouble()], results["loss"]);
        GoldenTolerance.Check(type, "per_pair", GoldenLosses.Numbers(golden, "per_pair"), results["pair_loss"]);
        if (golden.TryGetProperty("d_mean_d_policy_chosen", out var gradient))
        {
            double[] both = [.. GoldenLosses.Numbers(gradient), .. GoldenLosses.Numbers(golden, "d_mean_d_policy_rejected")];
            GoldenTolerance.Check(type, "d logps", both, results["logps_grad"]);
        }

        double[] Of(string name) => GoldenLosses.Numbers(batch, name);
    }

    [Fact]
    public void No_field_of_a_case_is_overlooked()
    {
        Assert.Equal(63, GoldenLosses.Cases.Count);
        Assert.All(GoldenLosses.Cases.Values, c => Assert.All(c.EnumerateObject(), field => Assert.Contains(field.Name, Understood)));
        // Only the pair on the hinge's kink is without gradients.
        var withoutGradients = GoldenLosses.Cases.Where(c => !c.Value.TryGetProperty("d_mean_d_policy_chosen", out _)).Select(c => c.Key);
        Assert.Equal(["torchtune/hinge/beta0.1"], withoutGradients);
    }

    [Fact]
    public void A_forward_kl_loss_of_a_saturated_pair_keeps_its_digits()
    {
        var golden = GoldenLosses.Cases["B/sigmoid/forward_kl"];
        // log(1 + x) instead of its accurate form gives 0.
        Assert.InRange(GoldenLosses.Numbers(golden, "per_pair")[2], 2.39e-48, 2.41e-48);
        var batch = GoldenLosses.Batch(golden);
        var vectors = LossRun.PairVectors(
            Of("policy_chosen_logps"), Of("policy_rejected_logps"), Of("ref_chosen_logps"), Of("ref_rejected_logps"));
        using var run = new LossRun(Objective.Parse("sigmoid", GoldenLosses.Options(golden)));
        var results = run.Run(vectors, new Dictionary<string, double> { ["loss_scale"] = 0.25 });
        AssertClose(GoldenLosses.Numbers(golden, "per_pair")[2], results["pair_loss"][2], relative: Tolerances.Float64);
        AssertClose(GoldenLosses.Numbers(golden, "d_mean_d_policy_chosen")[2], results["logps_grad"][2], relative: Tolerances.Float64);
        AssertClose(GoldenLosses.Numbers(golden, "d_mean_d_policy_rejected")[2], results["logps_grad"][6], relative: Tolerances.Float64);

        double[] Of(string name) => GoldenLosses.Numbers(batch, name);
    }
}
