using System.Text.Json.Nodes;
using OrtDpo.Logs.Tests.Mlflow;

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

    [Theory]
    [InlineData(Failing.None)]
    [InlineData(Failing.Forbidden)]
    public void Weights_states_and_metrics_have_the_same_bytes_with_a_server_that_takes_them_and_with_one_that_does_not(Failing failing)
    {
        using var server = new MlflowStandIn { Fails = (_, _) => failing };
        var run = folder.File("logged");
        var output = TinyPipeline.Succeed(
            [.. pipeline.TrainArguments, "--mlflow", server.Address.AbsoluteUri, "--mlflow-experiment", "tiny", "--mlflow-tag", "a=b=c",
                "--out", run]);
        var (expected, found) = (RunFiles.Untimed(pipeline.Run), RunFiles.Untimed(run));
        foreach (var file in (string[])["config.yaml", "manifest.json", "mlflow.json"])
        {
            expected.Remove(file);
            found.Remove(file);
        }

        Assert.Equal(expected, found);
        Assert.Empty(server.Faults);
        if (failing != Failing.None)
        {
            Assert.Contains("The run goes on without it.\n", output, StringComparison.Ordinal);
            Assert.Contains("metrics.jsonl has them all.\n", output, StringComparison.Ordinal);
            return;
        }

        // The server has every number of metrics.jsonl, and nothing else.
        var kept = server.Runs.Single().Value;
        Assert.Equal(("logged", "tiny", "FINISHED", "b=c"), (kept.Name, kept.Experiment, kept.Status, kept.Tags["a"]));
        var lines = File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject());
        Assert.Equal(
            lines.SelectMany(line => line.Where(number => number.Key != "step")
                .Select(number => (number.Key, (double)number.Value!, (long)line["step"]!))),
            kept.Metrics);
        Assert.DoesNotContain("mlflow", output, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();
}
