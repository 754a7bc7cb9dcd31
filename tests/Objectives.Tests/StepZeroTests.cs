namespace OrtDpo.Objectives.Tests;

[Trait("Speed", "native")]
public sealed class StepZeroTests
{
    public static TheoryData<string> Forms => new(EveryLoss.Forms);

    // Derived by hand: every log-ratio is 0. At beta 0.1: 1 / (4 beta^2) = 25, 1 / (2 beta^2) = 50.
    public static TheoryData<string, double> Constants => new()
    {
        { "sigmoid", Math.Log(2) },
        { "cdpo", Math.Log(2) },
        { "robust", Math.Log(2) },
        { "hinge", 1 },
        { "ipo", 25 },
        { "ipo_sum", 25 },
        { "nca_pair", 2 * Math.Log(2) },
        { "bco_pair", 2 * Math.Log(2) },
        { "sppo_hard", 50 },
        { "aot", Math.Log(2) },
        { "aot_unpaired", Math.Log(2) },
        { "apo_zero", 1 },
        { "apo_down", 1 },
        { "discopop", 0.5 * (Math.Log(2) + 1) },
        { "sigmoid_norm", Math.Log(2) },
    };

    [Theory]
    [MemberData(nameof(Constants))]
    public void The_base_value_is_the_known_constant(string name, double expected) =>
        AssertClose(expected, Objective.Parse(name, EveryLoss.Needs(name) with { Beta = 0.1 }).BaseLoss!.Value, Tolerances.Float64);

    [Fact]
    public void The_base_value_of_exo_depends_on_the_smoothing_alone() =>
        AssertClose(
            2.7612307,
            Objective.Parse("exo_pair", new ObjectiveOptions { LabelSmoothing = 1e-3 }).BaseLoss!.Value,
            Tolerances.SevenDecimals);

    [Theory]
    [InlineData("kto")]
    [InlineData("apo_zero_unpaired")]
    public void With_equal_weights_every_label_has_half_the_weight_as_base_value(string name)
    {
        Assert.Equal(0.5, Objective.Parse(name).BaseLoss);
        Assert.Equal(1, Objective.Parse(name, new ObjectiveOptions { DesirableWeight = 2, UndesirableWeight = 2 }).BaseLoss);
        Assert.Null(Objective.Parse(name, new ObjectiveOptions { DesirableWeight = 1.2 }).BaseLoss);
    }

    [Theory]
    [InlineData("simpo")]
    [InlineData("cpo")]
    [InlineData("orpo")]
    [InlineData("sft")]
    [InlineData("sigmoid,sft:0.5")]
    public void A_loss_that_depends_on_the_data_has_none(string losses) =>
        Assert.Null(Objective.Parse(losses, new ObjectiveOptions { Beta = Beta(losses) }).BaseLoss);

    [Fact]
    public void A_mix_has_the_weighted_sum() =>
        AssertClose(
            (0.8 * Math.Log(2)) + (0.4 * Math.Log(2)), Objective.Parse("sigmoid:0.8,bco_pair:0.2").BaseLoss!.Value, Tolerances.Float64);

    [Theory]
    [MemberData(nameof(Forms))]
    public void The_graph_gives_the_base_value_where_the_policy_is_the_reference(string form)
    {
        var objective = EveryLoss.Of(form);
        if (objective.BaseLoss is not { } expected)
        {
            return;
        }

        var batch = RandomBatch.Draw(seed: 5, rows: 8);
        var logps = batch.Vectors["logps"];
        var same = new Dictionary<string, double[]>(batch.Vectors)
        {
            ["ref_logps"] = logps, ["ref_chosen_logps"] = logps[..4], ["ref_rejected_logps"] = logps[4..],
        };
        using var run = new LossRun(objective);
        var losses = run.Run(same, new Dictionary<string, double> { ["kl"] = 0 })["pair_loss"];
        Assert.All(losses, loss => AssertClose(expected, loss, Tolerances.Float64));
    }

    static double? Beta(string losses) => losses == "sft" ? null : 0.1;
}
