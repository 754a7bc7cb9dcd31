namespace OrtDpo.Training.Tests.Diagnoses;

/// <summary>Gradients that are clipped in every step, and those that are not finite.</summary>
public sealed class GradientRuleTests
{
    [Theory]
    [InlineData(1.001, true)]
    [InlineData(0.999, false)]
    public void Clipped_is_a_gradient_above_the_clip_in_every_step(double lowest, bool isFound)
    {
        var run = new NumbersOfRun { Step = step => [("grad_norm", step == 50 ? lowest : 3)] };
        Assert.Equal(isFound ? ["always_clipped"] : [], run.Ids());
        if (isFound)
        {
            Assert.Equal(
                "The gradient was clipped in all of steps 41 to 60: its norm was 1 to 3, 2.9 in the mean, and `MaxGradNorm` is 1.",
                Assert.Single(run.Diagnose().Findings).Evidence);
        }
    }

    [Fact]
    public void Without_a_clip_nothing_is_clipped() => Assert.Empty(
        new NumbersOfRun { Facts = NumbersOfRun.Dpo with { MaxGradNorm = 0 }, Step = _ => [("grad_norm", 100)] }.Ids());

    [Fact]
    public void A_clip_that_begins_to_let_go_holds_no_longer()
    {
        var run = new NumbersOfRun { Step = step => [("grad_norm", step <= 40 ? 3 : 0.5)] };
        var finding = Assert.Single(run.Diagnose().Findings);
        Assert.Equal(("always_clipped", 26, 40, false), (finding.Id, finding.Since, finding.Step, finding.Holds));
        Assert.Empty(run.Ids());
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, FindingSeverity.Watch)]
    [InlineData(2, FindingSeverity.Watch)]
    [InlineData(3, FindingSeverity.Warning)]
    public void Skipped_steps_are_bad_luck_until_there_are_three(int skipped, FindingSeverity? severity)
    {
        var run = new NumbersOfRun
        {
            Step = step => [("skipped_steps", Math.Clamp(step - 30, 0, skipped)), ("grad_norm", step > 30 && step <= 30 + skipped ? double.NaN : 0.5)],
        };
        Assert.Equal(severity is null ? [] : [("skipped_steps", severity)], run.Diagnose().Findings.Select(f => (f.Id, (FindingSeverity?)f.Severity)));
        if (skipped == 2)
        {
            Assert.Equal(
                "The gradient was not finite, and changed nothing, in 2 of 60 steps, the last time in step 32.",
                run.Diagnose().Findings[0].Evidence);
        }
    }

    // One of a hundred.
    [Theory]
    [InlineData(399, FindingSeverity.Warning)]
    [InlineData(400, FindingSeverity.Watch)]
    public void Few_of_many_steps_are_bad_luck(int steps, FindingSeverity severity) => Assert.Equal(
        severity,
        Assert.Single(new NumbersOfRun { StepsDone = steps, Step = step => [("skipped_steps", Math.Min(step, 4))] }.Diagnose().Findings).Severity);

    [Fact]
    public void They_are_told_when_there_are_twice_as_many()
    {
        var run = new NumbersOfRun { Step = step => [("skipped_steps", step > 40 ? 4 : step > 30 ? 3 : step > 20 ? 2 : step > 10 ? 1 : 0)] };
        // One, two, and three since they are a warning then; the fourth is no news.
        Assert.Equal([11, 21, 31], Told.Of(run).Select(one => one.Step));
    }
}
