using OrtDpo.Batches;

namespace OrtDpo.Training.Tests.Diagnoses;

/// <summary>Rows that are known by heart while held-out ones become worse.</summary>
public sealed class OverfittingRuleTests
{
    // Evaluations after 0, 10, …, 60: lowest after 30, then three rises.
    static NumbersOfRun Run(double accuracy, params double[] losses) => new()
    {
        Step = _ => [("rewards/accuracies", accuracy)],
        Evaluation = step => [("eval_loss", losses[step / 10])],
    };

    [Theory]
    [InlineData(0.951, true)]
    [InlineData(0.949, false)]
    public void Held_out_loss_that_rises_three_times_while_training_pairs_are_right_is_overfitting(double accuracy, bool isFound)
    {
        var run = Run(accuracy, 0.69, 0.6, 0.55, 0.5, 0.52, 0.54, 0.56);
        Assert.Equal(isFound ? ["overfitting"] : [], run.Ids());
        if (isFound)
        {
            var finding = Assert.Single(run.Diagnose().Findings);
            Assert.Equal(60, finding.Since);
            Assert.Equal(
                "The held-out loss rose over the evaluations after steps 30, 40, 50, 60 from 0.5000 to 0.5600, while in steps 41 to 60 "
                + "0.951 of the training pairs were right.",
                finding.Evidence);
            Assert.Equal(
                "Take the checkpoint nearest to step 30, where the held-out loss was lowest (0.5000), or train again with fewer `Epochs`, "
                + "more rows, or a lower `LearningRate`.",
                finding.Advice);
        }
    }

    [Theory]
    [InlineData(0.52, 0.54, 0.5099)]
    [InlineData(0.52, 0.52, 0.56)]
    [InlineData(0.49, 0.54, 0.56)]
    [InlineData(0.52, 0.54, double.NaN)]
    public void Two_rises_are_none(double first, double second, double third) =>
        Assert.Empty(Run(1, 0.69, 0.6, 0.55, 0.5, first, second, third).Ids());

    // Two hundredths of the lowest loss in all.
    [Theory]
    [InlineData(0.5099, false)]
    [InlineData(0.5101, true)]
    public void Rises_that_come_to_nothing_are_noise(double last, bool isFound) =>
        Assert.Equal(isFound ? ["overfitting"] : [], Run(1, 0.69, 0.6, 0.55, 0.5, 0.503, 0.506, last).Ids());

    [Fact]
    public void It_is_told_again_when_the_loss_has_risen_twice_as_far()
    {
        var run = new NumbersOfRun
        {
            StepsDone = 120,
            Facts = NumbersOfRun.Dpo with { TotalSteps = 120 },
            Step = _ => [("rewards/accuracies", 1)],
            // 0.5 after 30, then 0.06 more after 60, which is told, 0.13 more after 90, which is again, and less than 0.26 more after 120.
            Evaluation = step => [("eval_loss", step switch
            {
                <= 30 => 0.65 - (step * 0.005),
                < 90 => 0.44 + (step * 0.002),
                _ => 0.45 + (step * 0.002),
            })],
        };
        Assert.Equal([60, 90], Told.Of(run).Select(one => one.Step));
    }

    [Fact]
    public void Where_held_out_rows_became_worse_from_the_start_no_checkpoint_is_named() => Assert.StartsWith(
        "The held-out loss was lowest before the first step (0.6900): look at the data, or train again",
        Assert.Single(Run(1, 0.69, 0.7, 0.71, 0.72, 0.73, 0.74, 0.75).Diagnose().Findings).Advice, StringComparison.Ordinal);

    [Fact]
    public void Pairs_that_are_labelled_otherwise_are_not_called_overfitting() => Assert.Equal(
        ["held_out_against"],
        new NumbersOfRun
        {
            Step = _ => [("rewards/accuracies", 1)],
            Evaluation = step => [("eval_loss", 0.7 + step), ("eval_rewards/accuracies_high", 0.03), ("eval_rewards/accuracies_low", 0)],
        }.Ids());

    [Theory]
    [InlineData(-0.005, true)]
    [InlineData(0.005, false)]
    public void Supervised_rows_are_known_by_heart_where_their_own_loss_falls_on(double slope, bool isFound)
    {
        var run = new NumbersOfRun
        {
            Facts = NumbersOfRun.Dpo with { Rows = RowKind.Supervised, HasReference = false, BaseLoss = null, Beta = null },
            Step = step => [("loss", 1 + (slope * step)), ("rewards/accuracies", null), ("rewards/margins", null)],
            Evaluation = step => [("eval_loss", 2 + (Math.Abs(step - 30) * 0.01))],
        };
        Assert.Equal(isFound ? ["overfitting"] : [], run.Ids());
    }
}
