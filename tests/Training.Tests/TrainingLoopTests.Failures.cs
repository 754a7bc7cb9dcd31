using OrtDpo.Runs;

namespace OrtDpo.Training.Tests;

public sealed partial class TrainingLoopTests
{
    // ENOSPC.
    const int NoSpace = 28;

    /// <summary>A disk that is full at one of the places where the first checkpoint is written, and no longer at the second.</summary>
    [Fact]
    public void A_run_that_cannot_save_says_so_goes_on_and_saves_at_the_next()
    {
        using var whole = new RunTrial();
        whole.Run(TrainingRows.Engine());
        var expected = whole.Contents();
        var points = PointsOfFirstSave();
        Assert.InRange(points, 15, 60);
        for (var failing = 0; failing < points; failing++)
        {
            using var trial = new RunTrial();
            var (isFull, point) = (false, 0);
            CrashPoint.Watch(reached => Fail(isFull && point++ == failing, reached));
            trial.Run(TrainingRows.Engine(), report: told => isFull = told is TrainingEvent.StepDone { Step: 2 }
                || (isFull && told is not TrainingEvent.CheckpointFailed));
            CrashPoint.Watch(null);
            var failed = Assert.Single(trial.Events.OfType<TrainingEvent.CheckpointFailed>());
            Assert.Equal((2, "the disk is full"), (failed.Step, failed.Reason));
            Assert.Equal(expected, trial.Contents());
        }
    }

    [Fact]
    public void A_last_checkpoint_that_cannot_be_written_fails_the_run_and_the_newest_stays()
    {
        using var trial = new RunTrial();
        var isFull = false;
        CrashPoint.Watch(reached => Fail(isFull, reached));
        var fault = Assert.Throws<IOException>(
            () => trial.Run(TrainingRows.Engine(), report: told => isFull = isFull || told is TrainingEvent.StepDone { Step: 7 }));
        CrashPoint.Watch(null);
        var newest = new Checkpoints(trial.Folder).PathOf(6);
        Assert.Equal(
            $"The checkpoint after step 10 could not be written: the disk is full. The newest is {newest}. "
            + "Mend that, then go on from there with `Resume`.",
            fault.Message);
        Assert.Equal([8], trial.Events.OfType<TrainingEvent.CheckpointFailed>().Select(failed => failed.Step));
        Assert.Equal(["the disk is full"], trial.Events.OfType<TrainingEvent.MetricsWait>().Select(wait => wait.Reason));

        using var whole = new RunTrial();
        whole.Run(TrainingRows.Engine());
        trial.Run(TrainingRows.Engine());
        Assert.Equal(Outcome(whole), Outcome(trial));
    }

    [Fact]
    public void Metrics_that_cannot_be_written_wait_and_none_is_lost()
    {
        using var whole = new RunTrial();
        whole.Run(TrainingRows.Engine());
        using var trial = new RunTrial();
        var isFull = false;
        CrashPoint.Watch(reached => Fail(isFull && reached.Contains("metrics", StringComparison.Ordinal), reached));
        trial.Run(TrainingRows.Engine(), report: told => isFull = told switch
        {
            TrainingEvent.StepDone { Step: 2 } => true,
            TrainingEvent.StepDone { Step: 5 } => false,
            _ => isFull,
        });
        CrashPoint.Watch(null);
        Assert.Equal(whole.Contents(), trial.Contents());
        Assert.Equal([4], trial.Events.OfType<TrainingEvent.CheckpointFailed>().Select(failed => failed.Step));
        Assert.Single(trial.Events.OfType<TrainingEvent.MetricsWait>());
        Assert.Single(trial.Events.OfType<TrainingEvent.MetricsWritten>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_whose_folder_or_log_is_removed_stops_at_the_step_and_says_so(bool all)
    {
        using var trial = new RunTrial();
        var folder = Directory.CreateDirectory(Path.Combine(trial.Folder, "run")).FullName;
        var fault = Assert.Throws<DirectoryNotFoundException>(() => new TrainingLoop(
            TrainingRows.Engine(), FormulaLoss.Sigmoid(), new TrainingPlan(RunTrial.Options, TrainingRows.Pairs(18), []), folder,
            new TickingTime())
        {
            Report = told =>
            {
                trial.Events.Add(told);
                if (told is TrainingEvent.StepDone { Step: 3 })
                {
                    Directory.Move(
                        all ? folder : Path.Combine(folder, "metrics.jsonl"), Path.Combine(trial.Folder, "elsewhere"));
                }
            },
        }.Run());
        Assert.StartsWith(
            $"{(all ? folder : Path.Combine(folder, "metrics.jsonl"))} is gone: it was removed or renamed while the run wrote it. ",
            fault.Message, StringComparison.Ordinal);
        Assert.Equal(3, trial.Events.OfType<TrainingEvent.StepDone>().Count());
    }

    // From the step after which it is due to the step after it.
    static int PointsOfFirstSave()
    {
        using var trial = new RunTrial();
        var (isSaving, points) = (false, 0);
        CrashPoint.Watch(_ => points += isSaving ? 1 : 0);
        trial.Run(TrainingRows.Engine(), report: told => isSaving = told is TrainingEvent.StepDone { Step: 2 });
        CrashPoint.Watch(null);
        return points;
    }

    static void Fail(bool now, string point)
    {
        if (now)
        {
            throw new IOException($"No space left on device: {point}", NoSpace);
        }
    }
}
