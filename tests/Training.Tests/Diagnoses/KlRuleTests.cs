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

    [Theory]
    [InlineData(0.099, true)]
    [InlineData(0.101, false)]
    public void Below_a_tenth_of_a_nat_nothing_was_learned_where_pairs_are_right_by_chance(double k3, bool isFound)
    {
        var run = new NumbersOfRun { Evaluation = _ => [("eval_kl_k3", k3), ("eval_rewards/accuracies_low", 0.49)] };
        Assert.Equal(isFound ? ["kl_low"] : [], run.Ids());
        Assert.Empty(run.Ids(ended: false));
    }

    [Fact]
    public void Missing_estimates_say_nothing() => Assert.Empty(
        new NumbersOfRun { Evaluation = _ => [("eval_kl_k3", null), ("eval_kl_k1", null), ("eval_rewards/accuracies_low", 0.4)] }.Ids());
}
