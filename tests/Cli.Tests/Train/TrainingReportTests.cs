namespace OrtDpo.Cli.Tests.Train;

public sealed class TrainingReportTests : IDisposable
{
    readonly TrainingTrial trial = new();

    public void Dispose() => trial.Dispose();

    [Fact]
    public void What_shows_at_the_end_alone_is_said_once()
    {
        // As long as a window of the diagnosis, the warm-up among it: that nothing was learned shows in the last evaluation alone.
        var run = TrainingTrial.Run(
            "train", "--model", trial.Model, "--ref", trial.Cache, "--out", trial.PathOf("run"), "--learning-rate", "1e-9",
            "--max-steps", "20", "--batch-pairs", "2", "--warmup-steps", "5", "--threads", $"{TrainingTrial.Threads}");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("kl_low", run.Output, StringComparison.Ordinal);
        Assert.Single(run.Output.Split('\n'), line => line.Contains("kl_low", StringComparison.Ordinal));
    }
}
