namespace OrtDpo.Training.Tests.Diagnoses;

/// <summary>Gradients that are clipped in every step, and those that are not finite.</summary>
public sealed class GradientRuleTests
{
    [Theory]
    [InlineData(1.001, true)]
    [InlineData(0.999, false)]
    public void Clipped_is_a_gradient_above_the_clip_in_every_step(double lowest, bool isFound)
    {
        var run = new NumbersOfRun { Step = step => [("grad_norm", step == 50 ? lowest : 40)] };
        Assert.Equal(isFound ? ["always_clipped"] : [], run.Ids());
        if (isFound)
        {
            Assert.Equal(
                "The gradient was clipped in all of steps 41 to 60: its norm was 1 to 40, 38.1 in the mean, and `MaxGradNorm` is 1.",
                Assert.Single(run.Diagnose().Findings).Evidence);
        }
    }

    // Of the clip, which is 2.
    [Theory]
    [InlineData(60.1, true)]
    [InlineData(59.9, false)]
    public void Steps_that_are_clipped_a_little_are_as_they_should_be(double norm, bool isFound) => Assert.Equal(
        isFound ? ["always_clipped"] : [],
        new NumbersOfRun { Facts = NumbersOfRun.Dpo with { MaxGradNorm = 2 }, Step = _ => [("grad_norm", norm)] }.Ids());

    [Fact]
    public void Without_a_clip_nothing_is_clipped() => Assert.Empty(
        new NumbersOfRun { Facts = NumbersOfRun.Dpo with { MaxGradNorm = 0 }, Step = _ => [("grad_norm", 100)] }.Ids());

    [Fact]
    public void A_clip_that_begins_to_let_go_holds_no_longer()
    {
        var run = new NumbersOfRun { Step = step => [("grad_norm", step <= 40 ? 40 : 0.5)] };
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
            Step = step =>
            [
                ("skipped_steps", Math.Clamp(step - 30, 0, skipped)), ("grad_norm", step > 30 && step <= 30 + skipped ? double.NaN : 0.5),
            ],
        };
        Assert.Equal(severity, run.SeverityOf("skipped_steps"));
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
        new NumbersOfRun { StepsDone = steps, Step = step => [("skipped_steps", Math.Min(step, 4))] }.SeverityOf("skipped_steps"));

    [Fact]
    public void They_are_told_when_there_are_twice_as_many()
    {
        var run = new NumbersOfRun { Step = step => [("skipped_steps", Math.Min((step - 1) / 10, 4))] };
        // One, two, and three since they are a warning then; the fourth is no news.
        Assert.Equal([11, 21, 31], Told.Of(run).Select(one => one.Step));
    }
}
