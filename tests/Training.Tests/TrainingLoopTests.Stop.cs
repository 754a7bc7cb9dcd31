using OrtDpo.Runs;

namespace OrtDpo.Training.Tests;

public sealed partial class TrainingLoopTests
{
    /// <summary>
    /// In the gate, in an evaluation, between the micro-batches of a step, in the update, and while a checkpoint is written.
    /// </summary>
    [Fact]
    public void A_run_that_is_stopped_in_any_call_of_the_engine_goes_on_to_the_same_weights_and_metrics()
    {
        var calls = 0;
        using var whole = new RunTrial();
        whole.Run(new BigramEngine(TrainingRows.Vocabulary) { BeforeCall = _ => calls++ }, Short, startsAsReference: true);
        var expected = Outcome(whole);
        Assert.InRange(calls, 20, 100);
        for (var at = 0; at < calls; at++)
        {
            using var trial = new RunTrial();
            using var stop = new CancellationTokenSource();
            var engine = new BigramEngine(TrainingRows.Vocabulary) { BeforeCall = call => Stop(stop, call == at) };
            try
            {
                trial.Run(engine, Short, startsAsReference: true, stop: stop);
                // In the last call of the last evaluation, and while the last checkpoint was written: there is nothing left to stop.
                Assert.InRange(at, calls - 2, calls - 1);
            }
            catch (OperationCanceledException stopped)
            {
                Assert.Equal(stop.Token, stopped.CancellationToken);
                RequireSaved(trial, stopped.Message);
                trial.Run(TrainingRows.Engine(), Short, startsAsReference: true);
            }

            Assert.Equal(expected, Outcome(trial));
        }
    }

    [Fact]
    public void A_run_that_is_stopped_after_each_step_ends_as_one_that_was_not()
    {
        using var whole = new RunTrial();
        whole.Run(TrainingRows.Engine());
        using var trial = new RunTrial();
        for (var step = 1; step < 10; step++)
        {
            using var stop = new CancellationTokenSource();
            var stopped = Assert.Throws<OperationCanceledException>(() => trial.Run(
                TrainingRows.Engine(), report: told => Stop(stop, told is TrainingEvent.StepDone), stop: stop));
            Assert.StartsWith($"The run was stopped after step {step} of 10, and saved as ", stopped.Message, StringComparison.Ordinal);
        }

        trial.Run(TrainingRows.Engine());
        Assert.Equal(Outcome(whole), Outcome(trial));
    }

    [Fact]
    public void A_run_that_is_stopped_before_its_first_step_leaves_no_checkpoint()
    {
        using var trial = new RunTrial();
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var stopped = Assert.Throws<OperationCanceledException>(
            () => trial.Run(TrainingRows.Engine(), startsAsReference: true, stop: stop));
        Assert.Equal("The run was stopped before its first step; the same command begins it.", stopped.Message);
        Assert.Empty(new Checkpoints(trial.Folder).Steps());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(null)]
    public void Saving_changes_neither_weights_nor_metrics(int? saveSteps)
    {
        using var usual = new RunTrial();
        usual.Run(TrainingRows.Engine());
        using var other = new RunTrial();
        other.Run(TrainingRows.Engine(), RunTrial.Options with { SaveSteps = saveSteps });
        Assert.Equal(Outcome(usual), Outcome(other));
        Assert.Equal(
            saveSteps == 1 ? 10 : 1, other.Events.OfType<TrainingEvent.CheckpointWritten>().Count());
    }

    // The clock of these tests goes on by a second whenever it is looked at: twice in a step, and once where is asked whether it is time.
    [Fact]
    public void Minutes_leave_a_checkpoint_after_the_step_in_which_they_are_over()
    {
        using var trial = new RunTrial();
        var minutes = new CheckpointOptions { SaveMinutes = 9.0 / 60, SaveTotalLimit = 100 };
        trial.Run(TrainingRows.Engine(), RunTrial.Options with { SaveSteps = null, Checkpoints = minutes });
        Assert.Equal([3, 6, 9, 10], new Checkpoints(trial.Folder).Steps());
    }

    [Theory]
    [InlineData(1, new[] { 10 })]
    [InlineData(3, new[] { 6, 8, 10 })]
    public void As_many_checkpoints_stay_as_were_asked_for(int limit, int[] expected)
    {
        using var trial = new RunTrial();
        trial.Run(
            TrainingRows.Engine(), RunTrial.Options with { Checkpoints = new CheckpointOptions { SaveTotalLimit = limit } });
        Assert.Equal(expected, new Checkpoints(trial.Folder).Steps());
    }

    [Fact]
    public void A_run_goes_on_from_a_chosen_step_and_what_is_newer_is_put_aside()
    {
        using var trial = new RunTrial();
        var options = RunTrial.Options with { Checkpoints = new CheckpointOptions { SaveTotalLimit = 4 } };
        trial.Run(TrainingRows.Engine(), options);
        var expected = trial.Contents();
        trial.Events.Clear();

        trial.Run(TrainingRows.Engine(), options, resumeStep: 6);

        var aside = Path.Combine(trial.Folder, "aside-1");
        Assert.Equal(new TrainingEvent.PutAside(6, aside), trial.Events[0]);
        Assert.Equal(new TrainingEvent.Started(6, 10), trial.Events[1]);
        Assert.Equal(
            ["metrics.jsonl", "step-10", "step-8"],
            Directory.GetFileSystemEntries(aside).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(expected["metrics.jsonl"], trial.Contents()[Path.Combine("aside-1", "metrics.jsonl")]);
        Directory.Delete(aside, recursive: true);
        Assert.Equal(expected, trial.Contents());
    }

    [Fact]
    public void A_run_that_dies_while_something_is_put_aside_can_do_it_again()
    {
        var options = RunTrial.Options with { Checkpoints = new CheckpointOptions { SaveTotalLimit = 4 } };
        using var whole = new RunTrial();
        whole.Run(TrainingRows.Engine(), options);
        var expected = Outcome(whole);
        var isOver = false;
        for (var fatal = 0; !isOver; fatal++)
        {
            using var trial = new RunTrial();
            trial.Run(TrainingRows.Engine(), options);
            var point = 0;
            isOver = true;
            CrashPoint.Watch(_ =>
            {
                isOver &= point != fatal;
                Kill(point++ == fatal);
            });
            try
            {
                trial.Run(TrainingRows.Engine(), options, resumeStep: 4);
            }
            catch (KillException)
            {
                CrashPoint.Watch(null);
                trial.Run(TrainingRows.Engine(), options, resumeStep: fatal % 2 == 0 ? 4 : null);
            }
            finally
            {
                CrashPoint.Watch(null);
            }

            Assert.Equal(expected, Outcome(trial));
        }
    }

    [Fact]
    public void A_chosen_step_without_a_checkpoint_is_refused_with_those_that_have_one()
    {
        using var trial = new RunTrial();
        trial.Run(TrainingRows.Engine());
        Assert.Equal(
            $"{trial.Folder} has no checkpoint step-7; it has step-8, step-10.",
            Assert.Throws<InvalidDataException>(() => trial.Run(TrainingRows.Engine(), resumeStep: 7)).Message);
    }

    // The files of the last checkpoint and the log: which other checkpoints are there depends on when a run was stopped.
    static SortedDictionary<string, string> Outcome(RunTrial trial) => new(
        trial.Contents()
            .Where(file => file.Key == "metrics.jsonl"
                || file.Key.StartsWith(
                    Path.Combine("checkpoints", $"step-{new Checkpoints(trial.Folder).Steps()[^1]}"), StringComparison.Ordinal))
            .ToDictionary(),
        StringComparer.Ordinal);

    static void RequireSaved(RunTrial trial, string message)
    {
        var steps = trial.Events.OfType<TrainingEvent.StepDone>().Count();
        if (steps == 0)
        {
            Assert.Empty(new Checkpoints(trial.Folder).Steps());
            return;
        }

        Assert.Equal(steps, new Checkpoints(trial.Folder).Steps()[^1]);
        Assert.StartsWith($"The run was stopped after step {steps} of 5, and saved as ", message, StringComparison.Ordinal);
    }

    static void Stop(CancellationTokenSource stop, bool now)
    {
        if (now)
        {
            stop.Cancel();
        }
    }
}
