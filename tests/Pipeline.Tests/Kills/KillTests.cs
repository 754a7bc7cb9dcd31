using System.Diagnostics;

namespace OrtDpo.Pipeline.Tests;

/// <summary>
/// Five kills at random moments, and a thousand where there is time. What they hit differs from machine to machine; that each file
/// operation survives a crash is tested point by point where the files are written.
/// </summary>
public sealed class KillTests(ITestOutputHelper log) : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Precompute_killed_at_any_moment_continues_to_the_bytes_of_an_uninterrupted_run()
    {
        var model = TinyModel.Write(folder.File("model"));
        var data = folder.Write("pairs.jsonl", TinyPairs.Lines(700, words: 36));
        string[] Command(string name) =>
            ["precompute", "--model", model, "--data", data, "--eval-fraction", "0.1", "--threads", "1", "--out", folder.File(name)];

        var duration = Time(Command("whole"));
        var expected = RunFiles.Digests(folder.File("whole"));
        Assert.True(
            expected.Keys.Count(name => name.EndsWith(".parquet", StringComparison.Ordinal)) >= 4,
            "Kills between parts need several parts.");
        new KilledProgram(duration, seed: 2).Run(
            kills: 3,
            n => Command($"killed-{n}"),
            (n, moment) => Tell($"killed-{n}", moment, duration, "*.parquet"),
            n => Assert.Equal(expected, RunFiles.Digests(folder.File($"killed-{n}"))));
    }

    // At chosen places it is killed in AdapterKillTests.
    [Fact]
    public void Train_killed_at_any_moment_resumes_to_the_weights_of_an_uninterrupted_run()
    {
        var model = TinyModel.Write(folder.File("model"));
        var data = folder.Write("pairs.jsonl", TinyPairs.Lines(120));
        TinyPipeline.Succeed("precompute", "--model", model, "--data", data, "--eval-fraction", "0.2", "--out", folder.File("ref"));
        string[] Command(string name) =>
        [
            "train", "--model", model, "--ref", folder.File("ref"), "--max-steps", "60", "--learning-rate", "1e-3",
            "--save-steps", "3", "--eval-steps", "10", "--threads", "1", "--resume", "--out", folder.File(name),
        ];

        var duration = Time(Command("whole"));
        var expected = RunFiles.Untimed(folder.File("whole"));
        new KilledProgram(duration, seed: 3).Run(
            kills: 2,
            n => Command($"killed-{n}"),
            (n, moment) => Tell($"killed-{n}", moment, duration, "step-*"),
            n => Assert.Equal(expected, RunFiles.Untimed(folder.File($"killed-{n}"))));
    }

    static TimeSpan Time(string[] command)
    {
        var watch = Stopwatch.StartNew();
        var run = OrtDpoProgram.RunProcess(command);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return watch.Elapsed;
    }

    void Tell(string name, TimeSpan moment, TimeSpan duration, string pattern)
    {
        var path = folder.File(name);
        var found = Directory.Exists(path) ? Directory.GetFileSystemEntries(path, pattern, SearchOption.AllDirectories) : [];
        var files = string.Join(", ", found.Select(Path.GetFileName).Order());
        log.WriteLine($"{name}: killed after {moment.TotalSeconds:0.00} of {duration.TotalSeconds:0.00} s; there were {files}");
    }
}
