using OrtDpo.Runs;

namespace OrtDpo.Training.Tests;

public sealed partial class TrainingLoopTests
{
    // The best is a new one after every evaluation, whose steps are not those of the checkpoints.
    static readonly TrainingOptions WithBest = RunTrial.Options with
    {
        Epochs = 1,
        SaveSteps = 3,
        EvalSteps = 2,
        Evaluation = new EvaluationOptions { KeepBest = true },
    };

    [Fact]
    public void A_run_that_dies_where_the_best_is_noted_resumes_to_the_same_files()
    {
        var (expected, points) = WholeWithBest();
        Assert.InRange(points.Count, 10, 100);
        foreach (var fatal in points)
        {
            using var trial = new RunTrial();
            var point = 0;
            CrashPoint.Watch(_ => Kill(point++ == fatal));
            Assert.Throws<KillException>(() => trial.Run(TrainingRows.Engine(), WithBest));
            CrashPoint.Watch(null);
            trial.Run(TrainingRows.Engine(), WithBest);
            Assert.Equal(expected, trial.Contents());
        }
    }

    /// <summary>A disk that is full while the best is noted for the first time, and has space again at the next checkpoint.</summary>
    [Fact]
    public void A_best_that_cannot_be_noted_is_noted_behind_the_next_checkpoint()
    {
        var (expected, _) = WholeWithBest();
        using var trial = new RunTrial();
        var isFull = true;
        CrashPoint.Watch(reached => Fail(isFull && reached.Contains(BestCheckpoint.FileName, StringComparison.Ordinal), reached));
        trial.Run(TrainingRows.Engine(), WithBest, report: told => isFull &= told is not TrainingEvent.BestFailed);
        CrashPoint.Watch(null);
        Assert.Equal([new TrainingEvent.BestFailed(2, "the disk is full")], trial.Events.OfType<TrainingEvent.BestFailed>());
        Assert.Equal(expected, trial.Contents());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"step\": 2")]
    [InlineData("{\"step\": 2, \"of\": \"another kind\"}")]
    public void A_best_that_is_damaged_is_found_anew_in_the_metrics(string damaged)
    {
        // Early, when the best is older than the checkpoints that are kept without it.
        var options = WithBest with { Checkpoints = new CheckpointOptions { SaveTotalLimit = 1 } };
        using var whole = new RunTrial();
        whole.Run(TrainingRows.Engine(), options);
        using var trial = new RunTrial { DyingAfterCheckpointOf = 3 };
        Assert.Throws<RunTrial.DiedException>(() => trial.Run(TrainingRows.Engine(), options));
        trial.DyingAfterCheckpointOf = null;
        var best = Path.Combine(trial.Folder, BestCheckpoint.FileName);
        var noted = File.ReadAllText(best);
        File.WriteAllText(best, damaged);
        var afterResume = "";
        trial.Run(TrainingRows.Engine(), options, report: happened =>
        {
            if (happened is TrainingEvent.Started)
            {
                afterResume = File.ReadAllText(best);
            }
        });
        Assert.Equal(noted, afterResume);
        var told = Assert.Single(trial.Events.OfType<TrainingEvent.BestDamaged>());
        Assert.StartsWith($"{best} cannot be read", told.Reason, StringComparison.Ordinal);
        Assert.Equal(whole.Contents(), trial.Contents());
    }

    static (SortedDictionary<string, string> Contents, List<int> Points) WholeWithBest()
    {
        using var whole = new RunTrial();
        var (points, count) = (new List<int>(), 0);
        CrashPoint.Watch(reached =>
        {
            if (reached.Contains(BestCheckpoint.FileName, StringComparison.Ordinal))
            {
                points.Add(count);
            }

            count++;
        });
        whole.Run(TrainingRows.Engine(), WithBest);
        CrashPoint.Watch(null);
        return (whole.Contents(), points);
    }
}
