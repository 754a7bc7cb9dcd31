namespace OrtDpo.Training.Tests.Diagnoses;

/// <summary>What the loss alone shows: at its base value, and far above it.</summary>
public sealed class LossRuleTests
{
    static readonly double Base = Math.Log(2);

    static (string, double?)[] AtBase(double loss) => [("loss", loss), ("rewards/margins", 0.001)];

    [Fact]
    public void A_good_run_has_no_findings()
    {
        var diagnosis = new NumbersOfRun().Diagnose();
        Assert.Empty(diagnosis.Findings);
        Assert.Empty(diagnosis.NotJudged);
        Assert.Equal((60, 60, 7, true), (diagnosis.Step, diagnosis.Steps, diagnosis.Evaluations, diagnosis.Ended));
    }

    // Two thousandths of the base value, in every one of the last twenty steps after the warm-up.
    [Theory]
    [InlineData(0.00199, true)]
    [InlineData(0.00201, false)]
    [InlineData(-0.00199, true)]
    [InlineData(-0.00201, false)]
    public void A_loss_near_its_base_value_is_stuck(double share, bool isFound)
    {
        var run = new NumbersOfRun { Step = step => AtBase(step == 50 ? Base * (1 + share) : Base) };
        Assert.Equal(isFound ? ["loss_stuck"] : [], run.Ids());
    }

    [Fact]
    public void A_stuck_loss_is_told_twenty_steps_after_the_warm_up_and_once()
    {
        var run = new NumbersOfRun { Step = _ => AtBase(Base) };
        var told = Told.Of(run);
        Assert.Equal([(26, "loss_stuck", FindingSeverity.Warning)], told);
        var finding = Assert.Single(run.Diagnose().Findings);
        Assert.Equal((26, 60, true), (finding.Since, finding.Step, finding.Holds));
        Assert.Equal(
            "The loss of steps 41 to 60 lies between 0.69315 and 0.69315, at most 0.0e0 from 0.69315, where the policy is the reference: "
            + "nothing is learned.",
            finding.Evidence);
        Assert.Equal("Try a higher `LearningRate` (it is 1e-4).", finding.Advice);
    }

    // A margin of 0.1 nats is one of 0.1 times beta in rewards.
    [Theory]
    [InlineData(0.0000099, true)]
    [InlineData(0.0000101, false)]
    public void A_tiny_beta_hides_what_the_policy_learns_from_the_loss(double margin, bool isFound)
    {
        var run = new NumbersOfRun
        {
            Facts = NumbersOfRun.Dpo with { Beta = 1e-4 },
            Step = _ => [("loss", Base), ("rewards/margins", margin)],
        };
        Assert.Equal(isFound ? ["loss_stuck"] : [], run.Ids());
    }

    // Hinge begins at 1 and IPO at 25: the share is of the objective's own value.
    [Theory]
    [InlineData(1.0)]
    [InlineData(25.0)]
    public void The_base_value_is_the_objectives(double level)
    {
        var facts = NumbersOfRun.Dpo with { BaseLoss = level };
        Assert.Equal(["loss_stuck"], new NumbersOfRun { Facts = facts, Step = _ => AtBase(level * 0.999) }.Ids());
        Assert.Empty(new NumbersOfRun { Facts = facts, Step = _ => AtBase(level * 0.99) }.Ids());
    }

    [Fact]
    public void An_objective_whose_loss_has_no_base_value_is_never_stuck() => Assert.Empty(
        new NumbersOfRun { Facts = NumbersOfRun.Dpo with { BaseLoss = null }, Step = _ => AtBase(Base) }.Ids());

    [Theory]
    [InlineData(25, false)]
    [InlineData(26, true)]
    public void The_warm_up_does_not_count(int steps, bool isFound)
    {
        var run = new NumbersOfRun { StepsDone = steps, Step = _ => AtBase(Base) };
        Assert.Equal(isFound, run.Ids(ended: false).Contains("loss_stuck"));
        Assert.Equal(
            isFound ? [] : ["what shows in 20 steps after the warm-up, of which there are 19"], run.Diagnose(ended: false).NotJudged);
    }

    [Fact]
    public void A_loss_that_is_no_number_is_not_stuck() => Assert.DoesNotContain(
        "loss_stuck", new NumbersOfRun { Step = step => AtBase(step == 55 ? double.NaN : Base) }.Ids());

    // Half more than the base value, in the mean of ten steps.
    [Theory]
    [InlineData(1.499, false)]
    [InlineData(1.501, true)]
    public void A_loss_far_above_its_base_value_diverges(double ratio, bool isFound)
    {
        var run = new NumbersOfRun { Step = step => step > 50 ? [("loss", Base * (ratio + (step % 2 == 0 ? 0.5 : -0.5)))] : [] };
        Assert.Equal(isFound ? ["loss_diverging"] : [], run.Ids());
    }

    [Theory]
    [InlineData(2.99, false)]
    [InlineData(3.01, true)]
    public void Without_a_base_value_the_first_steps_are_where_it_began(double loss, bool isFound)
    {
        var run = new NumbersOfRun
        {
            Facts = NumbersOfRun.Dpo with { BaseLoss = null },
            Step = step => [("loss", step <= 3 ? step : step > 50 ? loss : 2)],
        };
        Assert.Equal(isFound ? ["loss_diverging"] : [], run.Ids());
    }

    [Fact]
    public void A_loss_that_goes_on_rising_is_told_again_when_it_has_doubled()
    {
        var run = new NumbersOfRun { Step = step => [("loss", step <= 20 ? Base : Base * Math.Pow(1.1, step - 20))] };
        var told = Told.Of(run).Where(one => one.Id == "loss_diverging").Select(one => one.Step).ToList();
        // The mean of the last ten grows by 1.1 with each step once all ten have risen: it doubles in ln 2 / ln 1.1 = 7.3 steps.
        Assert.InRange(told.Count, 4, 5);
        Assert.All(told.Skip(1).Zip(told.Skip(2)), pair => Assert.InRange(pair.Second - pair.First, 7, 8));
    }
}
