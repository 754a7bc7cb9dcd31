namespace OrtDpo.Pipeline.Tests;

/// <summary>
/// Runs on a disk that fills up, is only read, or whose folder is taken away: what they say, and that they go on afterwards.
/// </summary>
public sealed class FullDiskTests(TinyPipeline pipeline, ITestOutputHelper log) : IClassFixture<TinyPipeline>, IDisposable
{
    const int Steps = 12;

    readonly TemporaryFolder folder = new();

    string Disk => folder.File("disk");

    string Run => Path.Combine(Disk, "run");

    public void Dispose() => folder.Dispose();

    /// <summary>One checkpoint of the three that are asked for has room, and there is space again before the next run.</summary>
    [Fact]
    public void A_disk_that_fills_up_while_a_checkpoint_is_written_keeps_the_newest_one_and_the_run_goes_on_from_there()
    {
        var expected = Whole([]);
        var tried = Try(SizeOfRun() * 6 / 10, []);
        Assert.Equal(1, tried.Full.ExitCode);
        Assert.Matches("step [0-9]+: no checkpoint, since the disk is full; the run goes on and tries again at the next; the newest is ",
            tried.Full.Output);
        Assert.Matches(
            $"^The checkpoint after step {Steps} could not be written: the disk is full. "
            + $"The newest is {Run}/checkpoints/step-[0-9]+. Mend that, then go on from there with --resume.\n$", tried.Full.Error);
        Assert.Equal(expected, tried.Outcome);
    }

    /// <summary>What stdout and stderr say goes to a file there, as with nohup; the run itself lies elsewhere.</summary>
    [Fact]
    public void A_log_on_a_full_disk_does_not_end_the_run()
    {
        var (run, size) = (folder.File("run"), folder.File("size"));
        var ended = Mounted(
            $"mount -t tmpfs -o size=4k tmpfs '{Disk}' && head -c 4096 /dev/zero > '{Disk}/all'", Command(run),
            $"stat -c %s '{Disk}/log' > '{size}'", $" > '{Disk}/log' 2>&1");
        Assert.Equal(0, ended.ExitCode);
        Assert.True(Directory.Exists(Path.Combine(run, "checkpoints", $"step-{Steps}")));
        Assert.Equal("0\n", File.ReadAllText(size));
    }

    [Fact]
    [Trait("Speed", "long")]
    public void A_disk_that_fills_up_anywhere_loses_no_checkpoint_that_was_written()
    {
        foreach (var options in (string[][])[[], ["--lora-rank", "4"]])
        {
            var expected = Whole(options);
            var isFull = true;
            for (var kilobytes = 4; isFull; kilobytes += 24)
            {
                var tried = Try(kilobytes, options);
                log.WriteLine($"{kilobytes} kB: {tried.Full.ExitCode} {tried.Full.Error.TrimEnd()}");
                isFull = tried.Full.ExitCode != 0;
                Assert.Equal(isFull ? 1 : 0, tried.Full.ExitCode);
                if (isFull)
                {
                    Assert.Matches("^[^\n]*[Tt]he disk is full[^\n]*\n$", tried.Full.Error);
                }

                Assert.Equal(expected, tried.Outcome);
            }
        }
    }

    [Fact]
    [Trait("Speed", "long")]
    public void A_disk_that_becomes_one_that_is_only_read_ends_the_run_in_a_sentence()
    {
        // Its folder alone is made: as after a disk fault, nothing in it can be made or changed.
        var run = Mounted($"mount -t tmpfs tmpfs '{Disk}' && mkdir '{Run}' && mount -o remount,ro '{Disk}'", Command(Run));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Read-only file system", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    /// <summary>Taken away while it is written, and put back.</summary>
    [Fact]
    [Trait("Speed", "long")]
    public void A_run_whose_folder_is_taken_away_says_so_and_goes_on_where_it_is_put_back()
    {
        var expected = Whole([]);
        Directory.CreateDirectory(Disk);
        string[] command = [.. Command(Run), "--resume", "auto"];
        var taken = folder.File("taken");
        var progress = new RunProgress(Run);
        var run = SignalledProgram.RunUntil(_ => progress.Checkpoint > 0, _ => Directory.Move(Run, taken), command);
        Assert.True(Directory.Exists(taken), "The run ended before its folder was taken away.");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"{Run} is gone: it was removed or renamed while the run wrote it. ", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        if (Directory.Exists(Run))
        {
            Directory.Delete(Run, recursive: true);
        }

        Directory.Move(taken, Run);
        TinyPipeline.Succeed(command);
        Assert.Equal(expected, RunFiles.Last(Run, Steps));
    }

    SortedDictionary<string, string> Whole(string[] options)
    {
        var name = folder.File($"whole{string.Concat(options)}");
        TinyPipeline.Succeed([.. Command(name), .. options]);
        return RunFiles.Last(name, Steps);
    }

    // In kilobytes.
    long SizeOfRun() =>
        Directory.GetFiles(folder.File("whole"), "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length) / 1024;

    string[] Command(string path) =>
    [
        "train", "--model", pipeline.Model, "--ref", pipeline.Cache, "--max-steps", $"{Steps}", "--save-steps", "3",
        "--save-total-limit", "3", "--eval-steps", "5", "--learning-rate", "1e-3", "--threads", "1", "--out", path,
    ];

    // On a disk of so many kilobytes, then on the same with space enough; what the run came to is copied from it.
    (ProgramRun Full, SortedDictionary<string, string> Outcome) Try(long kilobytes, string[] options)
    {
        var (full, kept) = (folder.File("full"), folder.File("kept"));
        string[] command = [.. Command(Run), .. options, "--resume", "auto"];
        var again = Quoted(command);
        var run = Mounted(
            $"mount -t tmpfs -o size={kilobytes}k tmpfs '{Disk}'", command,
            $"mount -o remount,size=64m '{Disk}'; {again} > '{full}.log' 2>&1 || exit 99; cp -r '{Run}' '{kept}'");
        Assert.True(run.ExitCode != 99, File.Exists($"{full}.log") ? File.ReadAllText($"{full}.log") : run.Error);
        var outcome = RunFiles.Last(kept, Steps);
        Directory.Delete(kept, recursive: true);
        return (run, outcome);
    }

    // With a disk of its own, which only the program and its shell see.
    ProgramRun Mounted(string mount, string[] command, string afterwards = "true", string redirection = "")
    {
        Directory.CreateDirectory(Disk);
        string[] alone = ["--user", "--map-root-user", "--mount", "sh", "-c"];
        Assert.SkipUnless(
            File.Exists("/usr/bin/unshare") && ProgramRun.Of("unshare", [.. alone, $"mount -t tmpfs tmpfs '{Disk}'"]).ExitCode == 0,
            "This system lets nobody mount a small disk of their own (unshare --user --mount).");
        return ProgramRun.Of("unshare", [.. alone, $"{mount} && {Quoted(command)}{redirection}; code=$?; {afterwards}; exit $code"]);
    }

    static string Quoted(string[] command) =>
        string.Join(' ', ((string[])["dotnet", OrtDpoProgram.Assembly, .. command]).Select(argument => $"'{argument}'"));
}
