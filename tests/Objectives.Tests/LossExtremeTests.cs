using OrtDpo.Autodiff.Building;

namespace OrtDpo.Objectives.Tests;

[Trait("Speed", "native")]
public sealed class LossExtremeTests
{
    public static TheoryData<string> Forms => new(EveryLoss.Forms);

    // The squares of scores up to e^80 are no float32 numbers.
    public static TheoryData<string> Representable =>
        new(EveryLoss.Forms.Where(f => f.Split('/') is not ["ipo" or "ipo_sum" or "sppo_hard", "forward_kl" or "alpha_divergence"]));

    [Theory]
    [MemberData(nameof(Representable))]
    public void Values_and_gradients_are_finite_in_float32_at_ten_thousand_nats(string form)
    {
        using var run = new LossRun(EveryLoss.Of(form, beta: 1), DataType.Float32);
        foreach (var (chosen, rejected) in new[] { (0.0, -1e4), (-1e4, 0.0), (-1e4, -1e4), (-1.0, -1.0) })
        {
            foreach (var (refChosen, refRejected) in new[] { (-1.0, -1.0), (-1e4, -1.0), (-1.0, -1e4) })
            {
                var results = run.Run(Batch(chosen, rejected, refChosen, refRejected, length: 1), Kl);
                Finite(results, $"{form} at {chosen}, {rejected}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Empty_completions_give_no_NaN(string form)
    {
        foreach (var type in new[] { DataType.Float32, DataType.Float64 })
        {
            using var run = new LossRun(EveryLoss.Of(form), type);
            var results = run.Run(Batch(0, 0, 0, 0, length: 0), Kl);
            Finite(results, form);
        }
    }

    static void Finite(Dictionary<string, double[]> results, string what) =>
        Assert.All(results, r => Assert.All(r.Value, v => Assert.True(double.IsFinite(v), $"{what}: {r.Key} is {v}")));

    static Dictionary<string, double> Kl => new() { ["kl"] = 0 };

    static Dictionary<string, double[]> Batch(double chosen, double rejected, double refChosen, double refRejected, double length)
    {
        var vectors = LossRun.PairVectors([chosen], [rejected], [refChosen], [refRejected], [length], [length]);
        vectors["ref_logps"] = [refChosen, refRejected];
        vectors["labels"] = [1, 0];
        return vectors;
    }
}
