using System.Diagnostics;

namespace OrtDpo.Pipeline.Tests;

/// <summary>
/// Runs of an adapter that SIGKILL ends, at the three places that differ, and a hundred times at random where there is time.
/// </summary>
public sealed class AdapterKillTests : IDisposable
{
    const int Steps = 80;
    const int SaveSteps = 20;

    // A kill that comes too late, where the machine is busy, has cost no more than the next checkpoint.
    const int Attempts = 3;

    readonly TemporaryFolder folder = new();
    readonly ITestOutputHelper log;
    readonly SortedDictionary<string, string> before;
    readonly SortedDictionary<string, string> expected;

    public AdapterKillTests(ITestOutputHelper log)
    {
        this.log = log;
        TinyModel.Write(folder.File("model"));
        before = RunFiles.Digests(folder.File("model"));
        TinyPipeline.Succeed(
            "precompute", "--model", folder.File("model"), "--data", folder.Write("pairs.jsonl", TinyPairs.Lines(60)),
            "--eval-fraction", "0.2", "--out", folder.File("ref"));
        TinyPipeline.SucceedProcess(Command("whole"));
        expected = RunFiles.Untimed(folder.File("whole"));
        foreach (var file in (string[])["adapter_model.safetensors", "adapter_config.json", "optimizer.safetensors", "ortdpo_base.json"])
        {
            Assert.Contains(Path.Combine("checkpoints", $"step-{Steps}", file), expected.Keys);
        }
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Killed_before_a_checkpoint_between_steps_and_in_a_checkpoint_it_ends_with_the_bytes_of_a_run_that_was_not()
    {
        var run = new RunProgress(folder.File("killed"));
        Kill(
            "before the first checkpoint", () => run.LastStep > 0, () => run is { LastStep: > 0, Checkpoint: 0, IsWriting: false },
            isNew: true);
        Kill(
            "between steps", () => run.Checkpoint > 0 && run.LastStep > run.Checkpoint + 2,
            () => run is { Checkpoint: > 0, IsWriting: false } && run.LastStep > run.Checkpoint);
        Kill("while a checkpoint is written", () => run.IsWriting, () => run.IsWriting);
        var resumed = $"resumed after step {run.Checkpoint} of {Steps}";
        Assert.Contains(resumed, TinyPipeline.SucceedProcess(Command("killed")), StringComparison.Ordinal);
        RequireSame("killed");

        // A signal comes a moment after it is sent: what then lies there says whether it came where it was to.
        void Kill(string where, Func<bool> now, Func<bool> isThere, bool isNew = false)
        {
            for (var attempt = 1; attempt <= Attempts; attempt++)
            {
                if (isNew && attempt > 1)
                {
                    Directory.Delete(folder.File("killed"), recursive: true);
                }

                Assert.False(KilledProgram.EndsBefore(now, Command("killed")), $"The run came to its end before it was killed {where}.");
                log.WriteLine($"{where}: killed with {run}");
                if (isThere())
                {
                    return;
                }
            }

            Assert.Fail($"None of {Attempts} kills came {where}.");
        }
    }

    /// <summary>Each within a checkpoint's time after a random step that no earlier run has logged.</summary>
    [Fact]
    [Trait("Speed", "long")]
    public void Killed_a_hundred_times_at_random_it_ends_with_the_bytes_of_a_run_that_was_not()
    {
        const int Kills = 100;
        var random = new Random(5);
        var kills = 0;
        for (var n = 0; kills < Kills; n++)
        {
            var name = $"killed-{n}";
            var run = new RunProgress(folder.File(name));
            while (kills < Kills && !Ends())
            {
                log.WriteLine($"{name}: killed with {run}");
                kills++;
            }

            TinyPipeline.SucceedProcess(Command(name));
            RequireSame(name);

            bool Ends()
            {
                var step = run.LastStep + random.Next(SaveSteps);
                var delay = TimeSpan.FromMilliseconds(random.Next(20));
                var since = new Stopwatch();
                return KilledProgram.EndsBefore(
                    () =>
                    {
                        if (run.LastStep > step)
                        {
                            since.Start();
                        }

                        return since.IsRunning && since.Elapsed >= delay;
                    },
                    Command(name));
            }
        }
    }

    string[] Command(string run) =>
    [
        "train", "--model", folder.File("model"), "--ref", folder.File("ref"), "--lora-rank", "8", "--modules-to-save", "model.norm",
        "--max-steps", $"{Steps}", "--save-steps", $"{SaveSteps}", "--eval-steps", "30", "--learning-rate", "1e-3", "--threads", "1",
        "--resume", "--out", folder.File(run),
    ];

    void RequireSame(string run)
    {
        Assert.Equal(expected, RunFiles.Untimed(folder.File(run)));
        Assert.Equal(before, RunFiles.Digests(folder.File("model")));
    }
}
