using System.Diagnostics;
using System.Security.Cryptography;

namespace OrtDpo.Pipeline.Tests;

/// <summary>
/// A thousand kills of precompute after its first committed part, two runs side by side. Every run is killed at most twenty times and then
/// finished; runs that come to their end before are compared as well, and the kills go on in new folders.
/// </summary>
public sealed class ThousandKillsTests(ITestOutputHelper log) : IDisposable
{
    const int Kills = 1000;
    const int MostPerRun = 20;
    const int Lanes = 2;

    // 128 + 9: how .NET reports a process that SIGKILL ended.
    const int Killed = 137;

    readonly TemporaryFolder folder = new();
    readonly Lock timing = new();
    double pace = 1;
    int kills;
    int runs;

    public void Dispose() => folder.Dispose();

    [Fact]
    [Trait("Speed", "long")]
    public void A_thousand_kills_leave_caches_bit_identical_to_uninterrupted_ones()
    {
        var model = TinyModel.Write(folder.File("model"));
        var data = folder.Write("pairs.jsonl", TinyPairs.Lines(800, words: 36));
        string[] Command(string name) => ["precompute", "--model", model, "--data", data, "--threads", "1", "--out", folder.File(name)];

        var watch = Stopwatch.StartNew();
        (var firstPart, var end) = Whole(Command("whole"));
        var expected = Bytes("whole");
        var parts = Parts("whole");
        Assert.True(parts >= 4, "Kills between parts need several parts.");

        Parallel.For(0, Lanes, new ParallelOptions { MaxDegreeOfParallelism = Lanes }, lane =>
        {
            var random = new Random(lane);
            for (var run = 0; Volatile.Read(ref kills) < Kills; run++)
            {
                var name = $"killed-{lane}-{run}";
                KillAndFinish(Command(name), () => Parts(name), Moment, end);
                Assert.Equal(expected, Bytes(name));
                Directory.Delete(folder.File(name), recursive: true);
            }

            // Of a run that continues, the parts that it finds are as if their time were over; the last moment lies a part behind its end.
            TimeSpan Moment(int found) =>
                Pace() * (firstPart + (random.NextDouble() * (parts + 1 - found) / parts * (end - firstPart)));
        });
        log.WriteLine($"{kills} kills of {runs} runs in {watch.Elapsed.TotalMinutes:0.0} minutes; "
            + $"uninterrupted {end.TotalSeconds:0.00} s, first part after {firstPart.TotalSeconds:0.00} s");
    }

    (TimeSpan FirstPart, TimeSpan End) Whole(string[] command)
    {
        var watch = Stopwatch.StartNew();
        using var process = OrtDpoProgram.Start(command);
        var output = process.StandardOutput.ReadToEndAsync();
        while (Parts("whole") == 0 && !process.HasExited)
        {
            process.WaitForExit(2);
        }

        var firstPart = watch.Elapsed;
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output.GetAwaiter().GetResult());
        return (firstPart, watch.Elapsed);
    }

    double Pace()
    {
        lock (timing)
        {
            return pace;
        }
    }

    // The machine may have been busier while the uninterrupted run was timed: kills would then come behind the end of almost every run.
    void NoteEnd(TimeSpan took, TimeSpan expected)
    {
        lock (timing)
        {
            pace = Math.Min(pace, took / expected);
        }
    }

    // Kills come at a moment while parts are still to be done, or shortly after, and never before a part is committed.
    void KillAndFinish(string[] command, Func<int> parts, Func<int, TimeSpan> moment, TimeSpan uninterrupted)
    {
        Interlocked.Increment(ref runs);
        for (var made = 0; ; made++)
        {
            var finish = made == MostPerRun || Volatile.Read(ref kills) >= Kills;
            var wait = finish ? Timeout.InfiniteTimeSpan : moment(parts());
            var watch = Stopwatch.StartNew();
            using var process = OrtDpoProgram.Start(command);
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            var ended = process.WaitForExit(wait);
            while (!ended && parts() == 0)
            {
                ended = process.WaitForExit(2);
            }

            if (!ended)
            {
                process.Kill();
                process.WaitForExit();
            }

            if (process.ExitCode != Killed)
            {
                if (made == 0 && !finish)
                {
                    NoteEnd(watch.Elapsed, uninterrupted);
                }

                Assert.True(process.ExitCode == 0, $"{error.GetAwaiter().GetResult()}{output.GetAwaiter().GetResult()}");
                return;
            }

            Interlocked.Increment(ref kills);
        }
    }

    int Parts(string name) =>
        Directory.Exists(folder.File(name)) ? Directory.EnumerateFiles(folder.File(name), "part-*.parquet").Count() : 0;

    SortedDictionary<string, string> Bytes(string name) => new(
        Directory.GetFiles(folder.File(name))
            .ToDictionary(file => Path.GetFileName(file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))),
        StringComparer.Ordinal);
}
