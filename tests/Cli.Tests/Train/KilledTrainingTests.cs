using System.Text.Json;
using System.Text.Json.Nodes;
using OrtDpo.Runs;

namespace OrtDpo.Cli.Tests.Train;

public sealed class KilledTrainingTests
{
    const int Kills = 8;

    [Fact]
    public void A_run_that_is_killed_again_and_again_ends_with_the_same_weights_and_metrics()
    {
        using var trial = new TrainingTrial();
        string[] options = ["--max-steps", "150", "--save-steps", "7", "--eval-steps", "25"];
        Assert.Equal(0, TrainingTrial.RunProcess(trial.TrainArguments("whole", options)).ExitCode);

        var arguments = trial.TrainArguments("killed", [.. options, "--resume"]);
        var metrics = Path.Combine(trial.PathOf("killed"), "metrics.jsonl");
        var random = new Random(20);
        for (var kill = 0; kill < Kills; kill++)
        {
            // Some steps after the newest checkpoint, at any moment within a step, an evaluation or the writing of a checkpoint.
            var target = (Kills - kill > 1 ? 18 * kill : 0) + random.Next(18);
            Assert.Null(TrainingTrial.RunAndKill(arguments, () => Lines(metrics) > target));
        }

        Assert.Equal(0, TrainingTrial.RunProcess(arguments).ExitCode);
        Assert.Equal(WithoutTimings(trial.Metrics("whole")), WithoutTimings(trial.Metrics("killed")));
        foreach (var file in (string[])["model.safetensors", "optimizer.safetensors"])
        {
            Assert.Equal(File.ReadAllBytes(Last(trial, "whole", file)), File.ReadAllBytes(Last(trial, "killed", file)));
        }

        Assert.Empty(Directory.GetFileSystemEntries(trial.PathOf("killed"), "*.tmp", SearchOption.AllDirectories));
    }

    [Fact]
    public void One_thread_and_two_train_alike()
    {
        using var trial = new TrainingTrial();
        Assert.Equal(0, TrainingTrial.Run(trial.TrainArguments("two", "--max-steps", "10")).ExitCode);
        string[] one = [.. trial.TrainArguments("one", "--max-steps", "10")];
        one[Array.IndexOf(one, "--threads") + 1] = "1";
        Assert.Equal(0, TrainingTrial.RunProcess(one).ExitCode);
        var (a, b) = (Losses(trial, "one"), Losses(trial, "two"));
        Assert.Equal(10, a.Length);
        AssertClose(a, b, Tolerances.SameStep);
        AssertClose(0, a.Zip(b, (x, y) => x - y).Average(), Tolerances.SameStep / 2);
    }

    static string Last(TrainingTrial trial, string run, string file) =>
        Path.Combine(new Checkpoints(trial.PathOf(run)).PathOf(150), file);

    static double[] Losses(TrainingTrial trial, string run) =>
        [.. trial.Metrics(run).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.TryGetProperty("loss", out _)).Select(line => line.GetProperty("loss").GetDouble())];

    static int Lines(string metrics)
    {
        if (!File.Exists(metrics))
        {
            return 0;
        }

        using var file = new FileStream(metrics, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd().Count(c => c == '\n');
    }

    static string[] WithoutTimings(string[] lines) => Array.ConvertAll(lines, line =>
    {
        var numbers = JsonNode.Parse(line)!.AsObject();
        numbers.Remove("tokens_per_second");
        return numbers.ToJsonString();
    });
}
