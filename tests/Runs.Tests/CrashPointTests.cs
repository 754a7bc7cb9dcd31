namespace OrtDpo.Runs.Tests;

/// <summary>What is written when a process dies: at every point of a write the file is the old one or the new one.</summary>
public sealed class CrashPointTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        CrashPoint.Watch(null);
        folder.Dispose();
    }

    [Fact]
    public void A_manifest_is_whole_or_not_there_wherever_its_writing_dies()
    {
        folder.Write("config.yaml", "beta: 0.1\n");
        for (var (fatal, isOver) = (0, false); !isOver; fatal++)
        {
            var point = 0;
            CrashPoint.Watch(_ => point = point == fatal ? throw new TimeoutException() : point + 1);
            try
            {
                RunManifest.Write(folder.Path, "train", [], ["config.yaml"]);
                isOver = true;
            }
            catch (TimeoutException)
            {
                CrashPoint.Watch(null);
            }

            CrashPoint.Watch(null);
            if (RunAudit.IsRun(folder.Path))
            {
                Assert.Empty(RunAudit.Of(folder.Path, cacheDigest: null).Faults);
                File.Delete(folder.File(RunManifest.FileName));
            }

            RunManifest.Write(folder.Path, "train", [], ["config.yaml"]);
            Assert.Empty(Directory.GetFiles(folder.Path, "*.tmp"));
            File.Delete(folder.File(RunManifest.FileName));
        }
    }

    /// <summary>
    /// The name of a file is on the disk only once its folder is flushed: behind every renaming, and behind every new folder.
    /// </summary>
    [Fact]
    public void A_folder_is_flushed_behind_everything_that_changes_its_names()
    {
        var reached = new List<string>();
        CrashPoint.Watch(reached.Add);
        var run = folder.File("run");
        DurableFolder.Make(run);
        AtomicFile.WriteText(Path.Combine(run, "note.txt"), "");
        var checkpoints = new Checkpoints(run) { Kept = 1 };
        foreach (var step in (int[])[1, 2])
        {
            checkpoints.Write(step, to => AtomicFile.WriteText(Path.Combine(to, "weights"), ""), [], StateOf(step));
        }

        var parent = Path.GetFileName(folder.Path);
        Follows("after making run", $"before flushing the folder {parent}");
        Follows("after renaming note.txt", "before flushing the folder run");
        Follows("after making checkpoints", "before flushing the folder run");
        Follows("after making step-1.tmp", "before flushing the folder checkpoints");
        Follows("after renaming weights", "before flushing the folder step-1.tmp");
        // The checkpoint's own entries, then its name.
        Follows("after renaming trainer_state.json", "before flushing the folder step-1.tmp");
        Follows("before renaming checkpoint 1", "before flushing the folder checkpoints");
        Follows("before renaming checkpoint 2", "before flushing the folder checkpoints");
        // The old one is no checkpoint any more, on the disk too, before its files go.
        Assert.Equal("before flushing the folder checkpoints", reached[reached.IndexOf("before removing checkpoint 1") - 1]);

        void Follows(string point, string flush) => Assert.Equal(flush, reached[reached.IndexOf(point) + 1]);
    }

    [Fact]
    public void A_folder_that_is_gone_is_named()
    {
        var gone = folder.File("gone");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows flushes no folder.");
        Assert.StartsWith(
            $"The folder {gone} cannot be flushed to the disk: ", Assert.Throws<IOException>(() => DurableFolder.Flush(gone)).Message,
            StringComparison.Ordinal);
    }

    static Func<SortedDictionary<string, string>, TrainerState> StateOf(int step) => files => new TrainerState
    {
        Format = TrainerState.CurrentFormat,
        Step = step,
        TotalSteps = 2,
        StepsPerEpoch = 2,
        WarmupSteps = 0,
        Seed = 0,
        SkippedSteps = 0,
        SkippedInARow = 0,
        TrainedTokens = 0,
        MetricsBytes = 0,
        DataDigest = "",
        Files = files,
    };
}
