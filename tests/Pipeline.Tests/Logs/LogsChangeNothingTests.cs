namespace OrtDpo.Pipeline.Tests.Logs;

/// <summary>A run is the same with and without logs.</summary>
public sealed class LogsChangeNothingTests(TinyPipeline pipeline) : IClassFixture<TinyPipeline>, IDisposable
{
    readonly TemporaryFolder folder = new();

    [Fact]
    public void Weights_states_and_metrics_have_the_same_bytes_with_event_files_and_without()
    {
        var expected = RunFiles.Untimed(pipeline.Run);
        Assert.Single(Directory.GetFiles(Path.Combine(pipeline.Run, "tensorboard"), "events.out.tfevents.*"));
        TinyPipeline.Succeed([.. pipeline.TrainArguments, "--tensorboard", "off", "--out", folder.File("off")]);
        var found = RunFiles.Untimed(folder.File("off"));
        Assert.False(Directory.Exists(folder.File("off/tensorboard")));

        // The configuration has one line more, which its digest in the manifest tells as well.
        Assert.Equal(
            File.ReadAllLines(Path.Combine(pipeline.Run, "config.yaml")),
            File.ReadLines(folder.File("off/config.yaml")).Where(line => line != "tensorboard: \"off\""));
        foreach (var file in (string[])["config.yaml", "manifest.json"])
        {
            Assert.True(expected.Remove(file) && found.Remove(file));
        }

        Assert.Equal(expected, found);
    }

    [Fact]
    public void A_resumed_run_may_have_other_logs_and_says_so()
    {
        TinyPipeline.Succeed([.. pipeline.TrainArguments, "--out", folder.File("run")]);
        Directory.Delete(folder.File("run/checkpoints/step-4"), recursive: true);
        var output = TinyPipeline.Succeed([.. pipeline.TrainArguments, "--tensorboard", "off", "--resume", "--out", folder.File("run")]);
        Assert.Contains(
            "resumed otherwise than before: tensorboard was \"on\" and is now \"off\"; no number differs for it\n", output,
            StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(folder.File("run/tensorboard")));
        Assert.Equal(LastCheckpoint(pipeline.Run), LastCheckpoint(folder.File("run")));

        static Dictionary<string, string> LastCheckpoint(string run) => RunFiles.Untimed(run)
            .Where(file => file.Key.Contains("step-4", StringComparison.Ordinal)).ToDictionary();
    }

    public void Dispose() => folder.Dispose();
}
