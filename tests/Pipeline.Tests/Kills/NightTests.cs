namespace OrtDpo.Pipeline.Tests;

/// <summary>
/// Runs that are killed and stopped again and again, and go on by the same command: the last weights, the optimizer's state and the metrics
/// are those of a run that nothing befell.
/// </summary>
public sealed class NightTests(ITestOutputHelper log) : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Over two epochs, with four micro-batches a step.</summary>
    [Fact]
    public void Killed_stopped_and_interrupted_a_run_ends_as_one_that_was_not()
    {
        var model = TinyModel.Write(folder.File("model"));
        TinyPipeline.Succeed(
            "precompute", "--model", model, "--data", folder.Write("pairs.jsonl", TinyPairs.Lines(200)), "--eval-fraction", "0.2",
            "--out", folder.File("ref"));
        Befall(
            ["KILL", "TERM", "INT"], steps: 60, seed: 11,
            "--model", model, "--threads", "1", "--save-steps", "7", "--eval-steps", "20", "--batch-pairs", "4", "--micro-pairs", "1",
            "--learning-rate", "1e-3");
    }

    /// <summary>The demo model: twenty times SIGKILL and five times SIGTERM, at random.</summary>
    [Theory]
    [InlineData()]
    [InlineData("--lora-rank", "8")]
    [InlineData("--optimizer", "adamw8bit")]
    [Trait("Speed", "long")]
    public void A_thousand_steps_with_twenty_kills_and_five_stops_end_as_a_thousand_without(params string[] options)
    {
        var model = Repository.Find("models", "demo");
        File.WriteAllLines(
            folder.File("pairs.jsonl"), File.ReadLines(Path.Combine(model, "data", "train.jsonl")).Take(300));
        TinyPipeline.SucceedProcess(
            "precompute", "--model", model, "--data", folder.File("pairs.jsonl"), "--eval-fraction", "0.1", "--threads", "2", "--out",
            folder.File("ref"));
        string[] signals = [.. Enumerable.Range(0, 25).Select(i => i % 5 == 3 ? "TERM" : "KILL")];
        Befall(
            signals, steps: 1000, seed: 12,
            [
                "--model", model, "--threads", "2", "--save-steps", "23", "--eval-steps", "100", "--batch-pairs", "2", "--micro-pairs", "1",
                "--learning-rate", options.Length == 0 ? "1e-4" : "1e-3", .. options,
            ]);
    }

    /// <summary>What is saved, and when it is evaluated, changes no weight; evaluations are lines of their own.</summary>
    [Fact]
    public void Saving_and_evaluating_often_or_never_leave_the_same_weights()
    {
        var model = TinyModel.Write(folder.File("model"));
        TinyPipeline.Succeed(
            "precompute", "--model", model, "--data", folder.Write("pairs.jsonl", TinyPairs.Lines(40)), "--eval-fraction", "0.2",
            "--out", folder.File("ref"));
        var expected = Train("never", "--save-steps", "1000", "--eval-steps", "1000");
        Assert.Equal(expected, Train("often", "--save-steps", "1", "--eval-steps", "1"));
        Assert.Equal(expected, Train("by time", "--save-minutes", "0.0001", "--save-total-limit", "1"));

        (string Weights, string Steps) Train(string name, params string[] options)
        {
            TinyPipeline.Succeed(
                ["train", "--model", model, "--ref", folder.File("ref"), "--max-steps", "12", "--learning-rate", "1e-3", "--out",
                    folder.File(name), .. options]);
            return (
                RunFiles.Last(folder.File(name), 12)["checkpoint/model.safetensors"],
                string.Join('\n', RunFiles.UntimedMetrics(folder.File(name)).Split('\n')
                    .Where(line => !line.Contains("\"eval_", StringComparison.Ordinal))));
        }
    }

    // Each signal comes at a random step that no earlier process has logged, or a moment after it.
    void Befall(string[] signals, int steps, int seed, params string[] options)
    {
        string[] Command(string name) =>
        [
            "train", "--ref", folder.File("ref"), "--max-steps", $"{steps}", .. options, "--out", folder.File(name), "--resume", "auto",
        ];

        TinyPipeline.Succeed(Command("whole"));
        var expected = RunFiles.Last(folder.File("whole"), steps);
        var random = new Random(seed);
        var progress = new RunProgress(folder.File("night"));
        var before = 0;
        foreach (var (i, signal) in signals.Index())
        {
            // Spread over all steps, so that the last comes before the end.
            var step = Math.Max(before, (i * steps / (signals.Length + 1)) + random.Next(steps / (signals.Length + 1)));
            var moment = random.Next(20);
            var run = SignalledProgram.Run(
                signal,
                _ =>
                {
                    if (progress.LastStep < step)
                    {
                        return false;
                    }

                    Thread.Sleep(moment);
                    return true;
                },
                Command("night"));
            log.WriteLine($"{signal} at {progress}: {run.ExitCode} {run.Error.TrimEnd()}");
            Assert.Equal(signal switch { "KILL" => 137, "TERM" => 143, _ => 130 }, run.ExitCode);
            before = progress.LastStep;
            if (signal == "KILL")
            {
                Assert.Equal("", run.Error);
                continue;
            }

            Assert.Equal(before, progress.Checkpoint);
            Assert.Equal(
                $"The run was stopped after step {before} of {steps}, and saved as "
                + $"{Path.Combine(folder.File("night"), "checkpoints", $"step-{before}")}. Go on with --resume.\n",
                run.Error);
        }

        var last = TinyPipeline.Succeed(Command("night"));
        Assert.Contains($"resumed after step ", last, StringComparison.Ordinal);
        Assert.Equal(expected, RunFiles.Last(folder.File("night"), steps));
        Assert.Empty(Directory.GetFileSystemEntries(folder.File("night"), "*.tmp", SearchOption.AllDirectories));
    }
}
