using OrtDpo.Batches;

namespace OrtDpo.Training.Tests.Diagnoses;

/// <summary>Chosen completions that fall while margins rise.</summary>
public sealed class ChosenRuleTests
{
    // Of twenty tokens: 0.1 nats per token are 2 nats, 0.3 are 6.
    static NumbersOfRun Run(double fall, DiagnosisFacts? facts = null, bool marginRises = true) => new()
    {
        Facts = facts ?? NumbersOfRun.Dpo,
        Evaluation = step =>
        [
            ("eval_logps/chosen", -30 - (step >= 40 ? fall : 0)), ("eval_rewards/margins", marginRises ? 0.002 * step : 0),
        ],
    };

    [Theory]
    [InlineData(1.99, null)]
    [InlineData(2.01, FindingSeverity.Watch)]
    [InlineData(5.99, FindingSeverity.Watch)]
    [InlineData(6.01, FindingSeverity.Warning)]
    public void A_fall_is_judged_by_the_token(double fall, FindingSeverity? severity)
    {
        Assert.Equal(severity, Run(fall).SeverityOf("chosen_falls"));
        Assert.All(Run(fall).Diagnose().Findings, finding => Assert.Equal(40, finding.Since));
    }

    [Fact]
    public void It_says_from_when_on_and_by_how_much() => Assert.Equal(
        "Held-out chosen completions have fallen by 0.40 nats per token after step 60 (-30.0 to -38.0 nats of 20 tokens), above 0.1 since "
        + "step 40, while the margin rose to 0.120: what is preferred is becoming unlikely, too.",
        Assert.Single(Run(8).Diagnose().Findings).Evidence);

    [Fact]
    public void A_fall_without_a_margin_is_another_matter() => Assert.Empty(Run(8, marginRises: false).Ids());

    [Fact]
    public void It_needs_no_reference() => Assert.Equal(
        ["chosen_falls"], Run(8, NumbersOfRun.Dpo with { HasReference = false, BaseLoss = null }).Ids());

    [Fact]
    public void Of_unpaired_feedback_the_desirable_completions_are_chosen() => Assert.Contains(
        "desirable completions have fallen",
        Assert.Single(Run(8, NumbersOfRun.Dpo with { Rows = RowKind.Unpaired }).Diagnose().Findings).Evidence, StringComparison.Ordinal);

    [Fact]
    public void Without_held_out_rows_nothing_is_said() => Assert.Empty(Run(8, NumbersOfRun.Dpo with { HeldOutTokens = null }).Ids());
}
