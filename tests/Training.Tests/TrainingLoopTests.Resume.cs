using OrtDpo.Runs;

namespace OrtDpo.Training.Tests;

public sealed partial class TrainingLoopTests
{
    // Five steps, checkpoints after 2, 4 and 5: the first of them is removed.
    static readonly TrainingOptions Short = RunTrial.Options with { Epochs = 1 };

    [Fact]
    public void A_run_that_dies_in_any_call_of_the_engine_resumes_to_the_same_files()
    {
        var calls = 0;
        using var whole = new RunTrial();
        whole.Run(new BigramEngine(TrainingRows.Vocabulary) { BeforeCall = _ => calls++ }, Short);
        var expected = whole.Contents();
        Assert.InRange(calls, 20, 100);
        for (var fatal = 0; fatal < calls; fatal++)
        {
            using var trial = new RunTrial();
            var dying = new BigramEngine(TrainingRows.Vocabulary) { BeforeCall = call => Kill(call == fatal) };
            Assert.Throws<KillException>(() => trial.Run(dying, Short));
            trial.Run(TrainingRows.Engine(), Short);
            Assert.Equal(expected, trial.Contents());
        }
    }

    [Fact]
    public void A_run_that_dies_at_any_file_operation_resumes_to_the_same_files()
    {
        var points = 0;
        using var whole = new RunTrial();
        CrashPoint.Watch(_ => points++);
        whole.Run(TrainingRows.Engine(), Short);
        CrashPoint.Watch(null);
        var expected = whole.Contents();
        Assert.InRange(points, 40, 500);
        for (var fatal = 0; fatal < points; fatal++)
        {
            using var trial = new RunTrial();
            var point = 0;
            CrashPoint.Watch(_ => Kill(point++ == fatal));
            Assert.Throws<KillException>(() => trial.Run(TrainingRows.Engine(), Short));
            CrashPoint.Watch(null);
            trial.Run(TrainingRows.Engine(), Short);
            Assert.Equal(expected, trial.Contents());
        }
    }

    [Fact]
    public void A_finished_run_that_is_resumed_changes_nothing()
    {
        using var trial = new RunTrial();
        var last = trial.Run(TrainingRows.Engine());
        var files = trial.Contents();
        Assert.Equal(last.TrainedTokens, trial.Run(TrainingRows.Engine()).TrainedTokens);
        Assert.Equal(files, trial.Contents());
    }

    [Fact]
    public void Only_the_last_two_checkpoints_stay_and_each_is_a_model_folder()
    {
        using var trial = new RunTrial();
        trial.Run(TrainingRows.Engine());
        var checkpoints = new Checkpoints(trial.Folder);
        Assert.Equal([8, 10], checkpoints.Steps());
        Assert.Equal(
            ["config.json", "model.safetensors", "optimizer.safetensors", "trainer_state.json"],
            Directory.GetFiles(checkpoints.PathOf(10)).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Metrics_that_are_shorter_than_the_checkpoint_says_are_refused()
    {
        using var trial = new RunTrial();
        trial.Run(TrainingRows.Engine());
        File.WriteAllText(Path.Combine(trial.Folder, "metrics.jsonl"), "{}\n");
        Assert.Contains(
            "has 3 bytes, but the checkpoint",
            Assert.Throws<InvalidDataException>(() => trial.Run(TrainingRows.Engine())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_is_not_resumed_over_other_rows_or_other_steps()
    {
        using var trial = new RunTrial();
        trial.Run(TrainingRows.Engine());
        Assert.Throws<InvalidDataException>(() => trial.Run(TrainingRows.Engine(), rows: [.. TrainingRows.Pairs(18).Reverse()]));
        Assert.Throws<InvalidDataException>(() => trial.Run(TrainingRows.Engine(), RunTrial.Options with { Epochs = 3 }));
        Assert.Throws<InvalidDataException>(() => trial.Run(TrainingRows.Engine(), RunTrial.Options with { Seed = 8 }));
    }

    static void Kill(bool now)
    {
        if (now)
        {
            throw new KillException();
        }
    }

    sealed class KillException : Exception;
}
