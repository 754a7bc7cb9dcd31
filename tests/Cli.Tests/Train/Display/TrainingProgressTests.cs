using OrtDpo.Cli.Tests.CommandLine;
using OrtDpo.Cli.Train.Display;
using OrtDpo.Training;

namespace OrtDpo.Cli.Tests.Train.Display;

public sealed class TrainingProgressTests
{
    readonly ManualTime clock = new();

    [Fact]
    public void What_is_left_takes_as_long_a_step_as_in_this_process_with_what_lies_between_steps()
    {
        var run = new TrainingProgress(ShownRun.Plan(20), clock);
        Assert.Null(run.Left);
        // The evaluation before the first step is behind it, and counts for none.
        clock.Advance(100);
        run.Tell(ShownRun.Evaluated(0, 1));
        clock.Advance(3);
        run.Tell(ShownRun.Step(1, 20, 1));
        Assert.Equal(TimeSpan.FromSeconds(19 * 3), run.Left);
        // An evaluation between steps does: ten seconds for two steps, five each.
        clock.Advance(4);
        run.Tell(ShownRun.Evaluated(1, 1));
        clock.Advance(3);
        run.Tell(ShownRun.Step(2, 20, 1));
        Assert.Equal(TimeSpan.FromSeconds(18 * 5), run.Left);
        // It goes on while a step is made, and not below nothing.
        clock.Advance(2);
        Assert.Equal(TimeSpan.FromSeconds(88), run.Left);
        clock.Advance(1000);
        Assert.Equal(TimeSpan.Zero, run.Left);
    }

    [Fact]
    public void The_steps_before_a_resume_took_no_time_of_this_process()
    {
        var run = new TrainingProgress(ShownRun.Plan(1000), clock);
        clock.Advance(30);
        run.Begin(900, [ShownRun.Step(899, 1000, 2).Metrics, ShownRun.Step(900, 1000, 1).Metrics]);
        Assert.Null(run.Left);
        Assert.Equal((900, 0), (run.Step, run.StepsHere));
        clock.Advance(2);
        run.Tell(ShownRun.Step(901, 1000, 1));
        Assert.Equal(TimeSpan.FromSeconds(99 * 2), run.Left);
        Assert.Equal((901, 1), (run.Step, run.StepsHere));
        // The curve has them.
        Assert.Equal([2, 1, 1], run.Loss.Means(9));
    }

    [Fact]
    public void Nothing_is_left_to_tell_after_the_last_step()
    {
        var run = new TrainingProgress(ShownRun.Plan(2), clock);
        clock.Advance(1);
        run.Tell(ShownRun.Step(1, 2, 1));
        run.Tell(ShownRun.Step(2, 2, 1));
        Assert.Null(run.Left);
        Assert.Null(run.NextEvaluation);
        Assert.Null(run.NextCheckpoint);
    }

    [Fact]
    public void Rates_are_those_of_the_last_steps_without_what_lies_between_them()
    {
        var run = new TrainingProgress(ShownRun.Plan(200), clock);
        Assert.Null(run.Rates.Pairs);
        // Two pairs of six tokens each: at 12 tokens a second a step takes a second, at 3 it takes four.
        run.Tell(ShownRun.Step(1, 200, 1, tokensPerSecond: 12));
        clock.Advance(1000);
        AssertClose(2, run.Rates.Pairs!.Value, 1e-12);
        run.Tell(ShownRun.Step(2, 200, 1, tokensPerSecond: 3));
        AssertClose(4.0 / 5, run.Rates.Pairs!.Value, 1e-12);
        AssertClose(24.0 / 5, run.Rates.Tokens!.Value, 1e-12);
        for (var step = 3; step <= 52; step++)
        {
            run.Tell(ShownRun.Step(step, 200, 1, tokensPerSecond: 120));
        }

        AssertClose(120, run.Rates.Tokens!.Value, 1e-9);
    }

    [Theory]
    [InlineData(0, 4, 5)]
    [InlineData(3, 4, 5)]
    [InlineData(4, 8, 5)]
    [InlineData(9, 11, 10)]
    [InlineData(10, 11, 11)]
    public void The_next_evaluation_and_checkpoint_are_those_of_the_plan(int step, int evaluation, int checkpoint)
    {
        var plan = ShownRun.Plan(11);
        var run = new TrainingProgress(plan, clock);
        run.Begin(step, []);
        Assert.Equal((evaluation, checkpoint), (run.NextEvaluation, run.NextCheckpoint));
        Assert.Equal(Enumerable.Range(step + 1, 11).First(plan.EvaluatesAfter), run.NextEvaluation);
    }

    [Fact]
    public void Without_held_out_rows_or_without_evaluations_there_is_no_next()
    {
        Assert.Null(new TrainingProgress(ShownRun.Plan(11, heldOut: 0), clock).NextEvaluation);
        var options = new TrainingOptions { Evaluation = new EvaluationOptions { EvalStrategy = EvaluationTimes.No } };
        Assert.Null(new TrainingProgress(ShownRun.Plan(11, options: options), clock).NextEvaluation);
        var epochs = new TrainingOptions { Evaluation = new EvaluationOptions { EvalStrategy = EvaluationTimes.Epoch } };
        Assert.Equal(5, new TrainingProgress(ShownRun.Plan(11, options: epochs), clock).NextEvaluation);
    }

    [Fact]
    public void An_evaluation_is_shown_from_its_step_until_its_numbers_come()
    {
        var run = new TrainingProgress(ShownRun.Plan(11), clock);
        run.Tell(ShownRun.Step(3, 11, 1));
        Assert.False(run.IsEvaluating);
        run.Tell(ShownRun.Step(4, 11, 1));
        Assert.True(run.IsEvaluating);
        run.Tell(ShownRun.Evaluated(4, 1));
        Assert.False(run.IsEvaluating);
    }
}
