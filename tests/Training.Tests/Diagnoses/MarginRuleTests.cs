using OrtDpo.Batches;

namespace OrtDpo.Training.Tests.Diagnoses;

/// <summary>Margins that stay at 0, and held-out pairs that go the other way.</summary>
public sealed class MarginRuleTests
{
    // Twenty margins of mean ± 0.01: s = 0.01 √(20 / 19) = 0.01026, half of the interval 2.093 s / √20 = 0.004802.
    [Theory]
    [InlineData(0.0047, true)]
    [InlineData(0.0049, false)]
    [InlineData(-0.0047, true)]
    [InlineData(-0.0049, false)]
    public void A_margin_whose_interval_holds_0_has_not_left_it(double mean, bool isFound)
    {
        var run = new NumbersOfRun { Step = step => [("rewards/margins", mean + (step % 2 == 0 ? 0.01 : -0.01))] };
        Assert.Equal(isFound ? ["margin_at_zero"] : [], run.Ids());
        if (isFound)
        {
            Assert.Contains(
                "The reward margin of steps 41 to 60 is " + (mean > 0 ? "0.0047" : "-0.0047") + " in the mean",
                run.Diagnose().Findings[0].Evidence, StringComparison.Ordinal);
        }
    }

    // A quarter of the run, but 20 steps at least and 200 at most; behind the warm-up.
    [Theory]
    [InlineData(60, 6, 26)]
    [InlineData(400, 40, 140)]
    [InlineData(4000, 100, 300)]
    public void A_long_run_has_longer_to_leave_0(int total, int warmup, int first)
    {
        var run = new NumbersOfRun
        {
            Facts = NumbersOfRun.Dpo with { TotalSteps = total, WarmupSteps = warmup },
            StepsDone = first + 5,
            Step = step => [("rewards/margins", step % 2 == 0 ? 0.01 : -0.01)],
        };
        Assert.Equal([(first, "margin_at_zero", FindingSeverity.Warning)], Told.Of(run));
    }

    [Fact]
    public void Without_a_reference_margins_begin_anywhere() => Assert.Empty(new NumbersOfRun
    {
        Facts = NumbersOfRun.Dpo with { HasReference = false, BaseLoss = null },
        Step = step => [("rewards/margins", step % 2 == 0 ? 0.01 : -0.01)],
    }.Ids());

    [Fact]
    public void Unpaired_feedback_has_margins_too()
    {
        var run = new NumbersOfRun
        {
            Facts = NumbersOfRun.Dpo with { Rows = RowKind.Unpaired },
            Step = step => [("rewards/margins", step % 2 == 0 ? 0.01 : -0.01)],
        };
        Assert.Contains(
            "desirable completions are not preferred to undesirable ones", Assert.Single(run.Diagnose().Findings).Evidence,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Margins_that_are_missing_or_no_numbers_are_left_out()
    {
        Assert.Empty(new NumbersOfRun { Step = _ => [("rewards/margins", null)] }.Ids());
        Assert.Empty(new NumbersOfRun { Step = _ => [("rewards/margins", double.NaN)] }.Ids());
        // Nineteen are no window.
        Assert.Empty(new NumbersOfRun { Step = s => [("rewards/margins", s == 60 ? double.NaN : s % 2 == 0 ? 0.01 : -0.01)] }.Ids());
    }

    [Fact]
    public void Where_the_loss_is_stuck_the_margin_says_nothing_more() => Assert.Equal(
        ["loss_stuck"],
        new NumbersOfRun { Step = step => [("loss", Math.Log(2)), ("rewards/margins", step % 2 == 0 ? 1e-6 : -1e-6)] }.Ids());

    [Theory]
    [InlineData(0.24, 0.0, true)]
    [InlineData(0.26, 0.0, false)]
    [InlineData(0.20, 0.06, false)]
    public void Held_out_pairs_that_are_nearly_all_wrong_are_labelled_otherwise(double high, double ties, bool isFound)
    {
        var run = new NumbersOfRun
        {
            Evaluation = _ =>
            [
                ("eval_rewards/accuracies", high - 0.05), ("eval_rewards/accuracies_high", high), ("eval_rewards/ties", ties),
                ("eval_rewards/accuracies_low", 0),
            ],
        };
        Assert.Equal(isFound ? ["held_out_against"] : [], run.Ids());
    }

    // Of a policy that has learned nothing at all no pair is right, neither here nor there.
    [Fact]
    public void Held_out_pairs_are_not_blamed_for_training_that_fails() => Assert.DoesNotContain("held_out_against", new NumbersOfRun
    {
        Step = _ => [("rewards/accuracies", 0.5)],
        Evaluation = _ => [("eval_rewards/accuracies_high", 0.1), ("eval_rewards/ties", 0)],
    }.Ids());
}
