using System.Globalization;
using System.Text.Json;
using OrtDpo.Autodiff.Building;
using OrtDpo.Training;

namespace OrtDpo.Objectives.Tests;

[Trait("Speed", "native")]
public sealed class GoldenTokenLossTests
{
    static readonly HashSet<string> Understood =
    [
        "id", "batch", "loss", "beta", "ld_alpha", "gamma", "kl", "nll_coef",
        "mean", "per_example", "d_mean_d_policy_chosen_tokens", "d_mean_d_policy_rejected_tokens",
    ];

    public static TheoryData<string, DataType> Cases
    {
        get
        {
            var data = new TheoryData<string, DataType>();
            foreach (var id in GoldenLosses.TokenCases.Keys)
            {
                data.Add(id, DataType.Float64);
                data.Add(id, DataType.Float32);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_value_and_every_token_gradient_is_the_golden_one(string id, DataType type)
    {
        var golden = GoldenLosses.TokenCases[id];
        var batch = new TokenPairs(GoldenLosses.TokenBatch(golden));
        var ldAlpha = (float)(GoldenLosses.Number(golden, "ld_alpha") ?? 1);
        var objective = Objective.Parse(Losses(golden), GoldenLosses.Options(golden));
        var inputs = Inputs(golden, objective, batch, ldAlpha);
        double[][] expected =
        [
            .. GoldenLosses.Lists(golden, "d_mean_d_policy_chosen_tokens"),
            .. GoldenLosses.Lists(golden, "d_mean_d_policy_rejected_tokens"),
        ];
        var rows = objective.Rows == ObjectiveRows.Unpaired ? expected.Length : batch.Chosen.Length;
        using var run = new LossRun(objective, type);
        var results = run.Run(TokenPairs.Vectors(inputs), new Dictionary<string, double>
        {
            ["loss_scale"] = 1.0 / rows,
            ["token_scale"] = 1.0 / batch.Chosen.Sum(t => t.Length),
            ["kl"] = GoldenLosses.Number(golden, "kl") ?? 0,
        });

        GoldenTolerance.Check(type, "mean", [golden.GetProperty("mean").GetDouble()], results["loss"]);
        if (golden.GetProperty("per_example").GetArrayLength() > 0)
        {
            GoldenTolerance.Check(type, "per_example", GoldenLosses.Numbers(golden, "per_example"), results["pair_loss"]);
        }

        for (var r = 0; r < expected.Length; r++)
        {
            // A supervised loss does not see the rejected completions.
            var slope = r < results["logps_grad"].Length ? results["logps_grad"][r] : 0;
            var shared = Math.Min(expected[r].Length, expected[(r + batch.Chosen.Length) % expected.Length].Length);
            var byToken = expected[r].Select((_, t) => t < shared ? slope : slope * ldAlpha);
            GoldenTolerance.Check(type, $"d token {r}", expected[r], byToken);
        }
    }

    [Fact]
    public void No_field_of_a_case_is_overlooked()
    {
        Assert.Equal(14, GoldenLosses.TokenCases.Count);
        Assert.All(GoldenLosses.TokenCases.Values, c => Assert.All(c.EnumerateObject(), field => Assert.Contains(field.Name, Understood)));
    }

    static string Losses(JsonElement golden) => GoldenLosses.Text(golden, "loss")! switch
    {
        "ld_sigmoid" or "ld_sigmoid_policy_only" => "sigmoid",
        "nll_token_mean" => "sft",
        "nll_sequence_mean" => "sft_sequence",
        "sigmoid_plus_nll" => string.Create(CultureInfo.InvariantCulture, $"sigmoid,sft:{GoldenLosses.Number(golden, "nll_coef")}"),
        var name => name,
    };

    static LossInputs Inputs(JsonElement golden, Objective objective, TokenPairs batch, float ldAlpha) => objective.Rows switch
    {
        ObjectiveRows.Unpaired => batch.Feedback(),
        ObjectiveRows.Supervised => batch.Imitation(),
        // Not what --ld-alpha does: it weights policy and reference alike.
        _ when GoldenLosses.Text(golden, "loss") == "ld_sigmoid_policy_only" =>
            batch.Pairs(ldAlpha) with { RefLogps = batch.Pairs(1).RefLogps },
        _ => batch.Pairs(ldAlpha),
    };
}
