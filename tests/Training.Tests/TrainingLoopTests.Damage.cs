using OrtDpo.Runs;

namespace OrtDpo.Training.Tests;

public sealed partial class TrainingLoopTests
{
    public static TheoryData<string, string> Damages => new(
        from file in (string[])["config.json", "model.safetensors", "optimizer.safetensors", "trainer_state.json"]
        from damage in (string[])["cut", "emptied", "flipped", "garbage", "removed"]
        select (file, damage));

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_damaged_checkpoint_is_named_and_kept_and_the_run_goes_on_from_the_one_before_it(string file, string damage)
    {
        using var trial = new RunTrial();
        trial.Run(TrainingRows.Engine());
        var expected = trial.Contents();
        var folder = new Checkpoints(trial.Folder).PathOf(10);
        Damage(Path.Combine(folder, file), damage);
        trial.Events.Clear();

        trial.Run(TrainingRows.Engine());

        var told = Assert.IsType<TrainingEvent.CheckpointDamaged>(trial.Events[0]);
        Assert.Equal((10, folder + ".damaged"), (told.Step, told.Path));
        Assert.StartsWith(Path.Combine(folder, file), told.Reason, StringComparison.Ordinal);
        Assert.EndsWith(".", told.Reason, StringComparison.Ordinal);
        Assert.Equal(8, Assert.IsType<TrainingEvent.Started>(trial.Events[1]).Step);
        var found = trial.Contents();
        Assert.Contains(found.Keys, name => name.StartsWith(Path.Combine("checkpoints", "step-10.damaged"), StringComparison.Ordinal));
        foreach (var name in found.Keys.Where(name => name.Contains(".damaged", StringComparison.Ordinal)).ToList())
        {
            found.Remove(name);
        }

        Assert.Equal(expected, found);
    }

    [Fact]
    public void A_checkpoint_that_is_damaged_twice_keeps_both()
    {
        using var trial = new RunTrial();
        trial.Run(TrainingRows.Engine());
        for (var time = 0; time < 2; time++)
        {
            Damage(Path.Combine(new Checkpoints(trial.Folder).PathOf(10), "model.safetensors"), "cut");
            trial.Run(TrainingRows.Engine());
        }

        Assert.Equal(
            ["step-10", "step-10.damaged", "step-10.damaged-2", "step-8"],
            Directory.GetDirectories(Path.Combine(trial.Folder, "checkpoints")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Where_no_checkpoint_is_whole_the_run_is_refused_and_every_file_stays()
    {
        using var trial = new RunTrial();
        trial.Run(TrainingRows.Engine());
        var checkpoints = new Checkpoints(trial.Folder);
        Damage(Path.Combine(checkpoints.PathOf(8), "config.json"), "garbage");
        var damaged = Path.Combine(checkpoints.PathOf(10), "optimizer.safetensors");
        Damage(damaged, "cut");
        var before = trial.Contents();

        var fault = Assert.Throws<InvalidDataException>(() => trial.Run(TrainingRows.Engine()));

        Assert.Equal(
            $"{damaged} is not the file that the checkpoint was written with. No other checkpoint of the run is whole: "
            + "restore the file, or start the run again elsewhere.",
            fault.Message);
        Assert.Equal(before, trial.Contents());
    }

    /// <summary>As after a kill between the new checkpoint and the removal of an old one, where the new one then is damaged.</summary>
    [Fact]
    public void An_old_checkpoint_is_not_removed_while_it_is_the_only_whole_one()
    {
        using var trial = new RunTrial();
        var options = RunTrial.Options with { Checkpoints = new CheckpointOptions { SaveTotalLimit = 3 } };
        trial.Run(TrainingRows.Engine(), options);
        var checkpoints = new Checkpoints(trial.Folder);
        Damage(Path.Combine(checkpoints.PathOf(8), "model.safetensors"), "flipped");
        Damage(Path.Combine(checkpoints.PathOf(10), "model.safetensors"), "flipped");

        trial.Run(TrainingRows.Engine(), RunTrial.Options with { Checkpoints = new CheckpointOptions { SaveTotalLimit = 1 } });

        Assert.Contains(trial.Events, told => told is TrainingEvent.Started { Step: 6 });
        Assert.Equal([10], checkpoints.Steps());
    }

    [Fact]
    public void Metrics_that_end_in_half_a_line_are_cut_back_to_the_checkpoint()
    {
        using var trial = new RunTrial();
        trial.Run(TrainingRows.Engine());
        var expected = trial.Contents();
        File.AppendAllText(Path.Combine(trial.Folder, "metrics.jsonl"), """{"step":11,"lo""");
        trial.Run(TrainingRows.Engine());
        Assert.Equal(expected, trial.Contents());
    }

    [Fact]
    public void Metrics_whose_lines_have_moved_are_refused()
    {
        using var trial = new RunTrial();
        trial.Run(TrainingRows.Engine());
        var metrics = Path.Combine(trial.Folder, "metrics.jsonl");
        File.WriteAllText(metrics, " " + File.ReadAllText(metrics));
        Assert.Contains(
            "was changed: no line ends after its first",
            Assert.Throws<InvalidDataException>(() => trial.Run(TrainingRows.Engine())).Message, StringComparison.Ordinal);
    }

    static void Damage(string file, string damage)
    {
        var bytes = File.ReadAllBytes(file);
        switch (damage)
        {
            case "cut":
                File.WriteAllBytes(file, bytes[..^2]);
                break;
            case "emptied":
                File.WriteAllBytes(file, []);
                break;
            case "flipped":
                bytes[bytes.Length / 2] ^= 1;
                File.WriteAllBytes(file, bytes);
                break;
            case "garbage":
                File.WriteAllText(file, "\0\u0001]");
                break;
            default:
                File.Delete(file);
                break;
        }
    }
}
