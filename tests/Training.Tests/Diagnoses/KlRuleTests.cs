namespace OrtDpo.Training.Tests.Diagnoses;

/// <summary>How far the policy is from its reference.</summary>
public sealed class KlRuleTests
{
    [Theory]
    [InlineData(-9.9, null)]
    [InlineData(-10.1, FindingSeverity.Watch)]
    [InlineData(-19.9, FindingSeverity.Watch)]
    [InlineData(-20.1, FindingSeverity.Warning)]
    [InlineData(10.1, FindingSeverity.Watch)]
    [InlineData(20.1, FindingSeverity.Warning)]
    [InlineData(double.NaN, null)]
    public void Above_10_nats_is_to_be_watched_and_above_20_a_warning(double k1, FindingSeverity? severity)
    {
        var run = new NumbersOfRun { Evaluation = step => [("eval_kl_k1", step == 60 ? k1 : 0)] };
        Assert.Equal(severity, run.SeverityOf("kl_high"));
    }

    [Fact]
    public void It_is_said_per_completion_and_per_token() => Assert.Equal(
        "After step 60 the policy finds held-out completions 25.0 nats less likely than the reference does, 1.25 per token, above 20: it "
        + "has left the reference.",
        new NumbersOfRun
        {
            Evaluation = step => [("eval_kl_k1", step == 60 ? -25 : 0), ("eval_mean_log_ratio", step == 60 ? -1.25 : 0)],
        }.Diagnose().Findings[0].Evidence);

    // However large: it is the exponential of what single tokens lost.
    [Fact]
    public void K3_says_nothing_of_a_policy_that_is_far_away() =>
        Assert.Empty(new NumbersOfRun { Evaluation = _ => [("eval_kl_k3", 1e18)] }.Ids());

    [Theory]
    [InlineData(0.099, 0.49, FindingSeverity.Warning)]
    [InlineData(0.099, 0.51, FindingSeverity.Watch)]
    [InlineData(0.101, 0.49, null)]
    public void Below_a_tenth_of_a_nat_the_policy_is_the_reference_still(double k3, double accuracy, FindingSeverity? severity)
    {
        var run = new NumbersOfRun { Evaluation = _ => [("eval_kl_k3", k3), ("eval_rewards/accuracies_low", accuracy)] };
        Assert.Equal(severity, run.SeverityOf("kl_low"));
        Assert.Empty(run.Ids(ended: false));
    }

    [Theory]
    [InlineData(19, false)]
    [InlineData(20, true)]
    public void A_trial_of_a_few_steps_is_not_meant_to_learn(int steps, bool isFound)
    {
        var run = new NumbersOfRun { StepsDone = steps, EvalSteps = 5, Evaluation = _ => [("eval_kl_k3", 0.01)] };
        Assert.Equal(isFound ? ["kl_low"] : [], run.Ids());
    }

    // The falls of rejected completions may balance the rises of chosen ones.
    [Fact]
    public void K1_says_nothing_of_a_policy_that_is_near() => Assert.Empty(
        new NumbersOfRun { Evaluation = _ => [("eval_kl_k1", 0)] }.Ids());

    [Fact]
    public void A_loss_that_is_stuck_says_it_already() => Assert.Equal(
        ["loss_stuck"],
        new NumbersOfRun
        {
            Step = _ => [("loss", Math.Log(2)), ("rewards/margins", 1e-6)],
            Evaluation = _ => [("eval_kl_k3", 1e-9)],
        }.Ids());

    [Fact]
    public void Missing_estimates_say_nothing() => Assert.Empty(
        new NumbersOfRun { Evaluation = _ => [("eval_kl_k3", null), ("eval_kl_k1", null), ("eval_rewards/accuracies_low", 0.4)] }.Ids());
}
