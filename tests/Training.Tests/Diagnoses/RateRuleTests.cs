using OrtDpo.Batches;

namespace OrtDpo.Training.Tests.Diagnoses;

/// <summary>Learning rates against those of published recipes.</summary>
public sealed class RateRuleTests
{
    // Published, with the model's size: none may be warned of.
    [Theory]
    [InlineData("Zephyr 7B", 7_240_000_000, false, 5e-7)]
    [InlineData("Zephyr 7B, QLoRA", 7_240_000_000, true, 5e-6)]
    [InlineData("SmolLM2 135M", 135_000_000, false, 1e-6)]
    [InlineData("SmolLM2 360M", 360_000_000, false, 1e-6)]
    [InlineData("SmolLM3 3B", 3_080_000_000, false, 1e-6)]
    [InlineData("Pythia 2.8B", 2_800_000_000, false, 5e-7)]
    [InlineData("DPO paper, GPT-2 large", 774_000_000, false, 1e-6)]
    [InlineData("the demo model", 917_000, false, 1e-4)]
    [InlineData("the demo model, LoRA", 917_000, true, 1e-3)]
    public void Published_recipes_fit(string recipe, long parameters, bool isAdapter, double rate)
    {
        var facts = NumbersOfRun.Dpo with { ModelParameters = parameters, IsAdapter = isAdapter, LearningRate = rate };
        Assert.Empty(new NumbersOfRun { Facts = facts }.Ids());
        var middle = LearningRateRange.Of(parameters, isAdapter)!.Value.Middle;
        Assert.InRange(rate, middle / 2.1, middle * 2.1);
        Assert.NotEmpty(recipe);
    }

    // At the recipes the rate is theirs; between two, halfway in logarithms, the geometric mean.
    [Theory]
    [InlineData(1_000_000, 1e-4)]
    [InlineData(135_000_000, 1e-6)]
    [InlineData(360_000_000, 1e-6)]
    [InlineData(7_000_000_000, 5e-7)]
    [InlineData(70_000_000_000, 5e-7)]
    [InlineData(600_000, 1e-4)]
    [InlineData(11_618_950, 1e-5)]
    [InlineData(1_587_450_787, 7.0710678e-7)]
    public void Between_recipes_logarithms_lie_on_a_line(long parameters, double middle)
    {
        var range = LearningRateRange.Of(parameters, isAdapter: false)!.Value;
        AssertClose([middle / 10, middle, middle * 10], [range.Low, range.Middle, range.High], relative: 1e-6);
        AssertClose(middle * 10, LearningRateRange.Of(parameters, isAdapter: true)!.Value.Middle, relative: 1e-6);
    }

    [Theory]
    [InlineData(1.01e-3, FindingSeverity.Watch, "10.1 times higher")]
    [InlineData(1.01e-2, FindingSeverity.Warning, "101 times higher")]
    [InlineData(0.99e-5, FindingSeverity.Watch, "10.1 times lower")]
    [InlineData(1e-9, FindingSeverity.Warning, "100,000 times lower")]
    public void A_rate_out_of_the_range_is_told_before_the_first_step(double rate, FindingSeverity severity, string words)
    {
        var run = new NumbersOfRun { Facts = NumbersOfRun.Dpo with { LearningRate = rate } };
        Assert.Equal([(0, "learning_rate_range", severity)], Told.Of(run));
        var finding = Assert.Single(run.Diagnose().Findings);
        Assert.Contains($"{words} than recipes of preference tuning have it for models of 1 million parameters (1e-4).", finding.Evidence,
            StringComparison.Ordinal);
        Assert.Equal("Try 1e-5 to 1e-3.", finding.Advice);
    }

    [Theory]
    [InlineData(1e-5)]
    [InlineData(1e-3)]
    public void The_ends_of_the_range_fit(double rate) =>
        Assert.Empty(new NumbersOfRun { Facts = NumbersOfRun.Dpo with { LearningRate = rate } }.Ids());

    [Fact]
    public void Where_there_are_no_recipes_nothing_is_said()
    {
        Assert.Null(LearningRateRange.Of(LearningRateRange.SmallestModel - 1, isAdapter: false));
        foreach (var facts in (DiagnosisFacts[])[
            NumbersOfRun.Dpo with { ModelParameters = 10_000 }, NumbersOfRun.Dpo with { Rows = RowKind.Supervised },
            NumbersOfRun.Dpo with { HasNll = true }])
        {
            Assert.Empty(new NumbersOfRun { Facts = facts with { LearningRate = 1 } }.Ids());
        }
    }
}
