namespace OrtDpo.Cli.Tests.Train;

/// <summary>Runs with another optimizer than the default.</summary>
public sealed class OptimizerTests : IDisposable
{
    readonly TrainingTrial trial = new();

    public void Dispose() => trial.Dispose();

    [Fact]
    public void A_resumed_run_ends_with_the_bytes_of_one_that_was_not_stopped_and_says_its_optimizer()
    {
        string[] options = ["--max-steps", "4", "--save-steps", "2", "--optimizer", "adamw8bit"];
        foreach (var run in (string[])["whole", "resumed"])
        {
            var output = Train(run, options);
            Assert.Contains("optimizer: AdamW with moments in 8 bits (--optimizer) 0.9 / 0.999 / 1e-8", output, StringComparison.Ordinal);
            Assert.Contains("optimizer: \"adamw8bit\"\n", ConfigOf(run), StringComparison.Ordinal);
        }

        trial.Forget("resumed", 4);
        Assert.Contains("resumed after step 2 of 4", Train("resumed", [.. options, "--resume"]), StringComparison.Ordinal);
        trial.RequireSame("whole", "resumed", 4);
    }

    [Fact]
    public void The_default_is_no_entry_and_a_resume_with_another_is_refused()
    {
        Train("run", "--max-steps", "2", "--optimizer", "adamw");
        Assert.DoesNotContain("optimizer", ConfigOf("run"), StringComparison.Ordinal);
        Refused(
            "the run was started with optimizer nothing, and this command has \"adamw8bit\".", 1, "--optimizer", "adamw8bit", "--resume");
        Train("run", "--max-steps", "2", "--resume");
    }

    [Fact]
    public void Another_name_is_a_fault_of_the_command_line() =>
        Refused("--optimizer is adam; it must be one of adamw, adamw8bit.", 2, "--optimizer", "adam");

    string ConfigOf(string run) => File.ReadAllText(Path.Combine(trial.PathOf(run), "config.yaml"));

    string Train(string run, params string[] more)
    {
        var trained = TrainingTrial.Run(trial.TrainArguments(run, more));
        Assert.Equal(("", 0), (trained.Error, trained.ExitCode));
        return trained.Output;
    }

    void Refused(string message, int exitCode, params string[] more)
    {
        var run = TrainingTrial.Run(trial.TrainArguments("run", ["--max-steps", "2", .. more]));
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }
}
