namespace OrtDpo.Training.Tests.Diagnoses;

/// <summary>Margins that follow length.</summary>
public sealed class LengthRuleTests
{
    // Of 200 pairs half of the interval is 1.96 / √197 = 0.13964 in Fisher's z: tanh(atanh 0.5 + 0.13964) = 0.5969, and of 0.71 0.7717.
    [Theory]
    [InlineData(0.596, null)]
    [InlineData(0.598, FindingSeverity.Watch)]
    [InlineData(0.771, FindingSeverity.Watch)]
    [InlineData(0.773, FindingSeverity.Warning)]
    [InlineData(-0.596, null)]
    [InlineData(-0.598, FindingSeverity.Watch)]
    [InlineData(double.NaN, null)]
    public void A_correlation_is_judged_by_the_near_end_of_its_interval(double correlation, FindingSeverity? severity)
    {
        var run = new NumbersOfRun { Evaluation = step => [("eval_length_bias", step == 0 ? null : correlation)] };
        Assert.Equal(severity, run.SeverityOf("length_bias"));
    }

    [Fact]
    public void Few_pairs_show_nothing() => Assert.Empty(
        new NumbersOfRun { Evaluation = _ => [("eval_length_bias", 0.8), ("eval_pairs", 10)] }.Ids());
}
