namespace OrtDpo.Runs;

/// <summary>The folder of one training run, held by one process at a time.</summary>
public sealed class RunFolder : IDisposable
{
    const string LockFile = ".lock";

    readonly FileLock held;
    readonly bool isNew;

    RunFolder(string path, FileLock held, bool isNew, IReadOnlyList<RunDifference> differences)
    {
        Path = path;
        this.held = held;
        this.isNew = isNew;
        Differences = differences;
    }

    public string Path { get; }

    /// <summary>What a resumed run does otherwise than before.</summary>
    public IReadOnlyList<RunDifference> Differences { get; }

    /// <summary>The same in words.</summary>
    public IReadOnlyList<string> Notes => [.. Differences.Select(difference => difference.Note)];

    /// <summary>Makes the folder, or opens it to go on with the run in it. A run without a checkpoint starts from the beginning.</summary>
    /// <exception cref="IOException">
    /// The folder holds a run that is not to be resumed, or files that are no run; or another process writes it.
    /// </exception>
    /// <exception cref="InvalidDataException">The run was started with other options.</exception>
    public static RunFolder Open(string path, RunConfig config, bool resume)
    {
        var isNew = OutputFolder.Make(path, "run", Belongs(path));
        var held = FileLock.Take(System.IO.Path.Combine(path, LockFile));
        try
        {
            return new RunFolder(path, held, isNew, Begin(path, config, resume));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Refuses what <see cref="Open"/> refuses, and leaves everything as it is.</summary>
    /// <returns>What a resumed run would do otherwise than before.</returns>
    /// <exception cref="IOException">
    /// The folder holds a run that is not to be resumed, or files that are no run, or cannot be written; or another process writes it.
    /// </exception>
    /// <exception cref="InvalidDataException">The run was started with other options.</exception>
    public static IReadOnlyList<RunDifference> Check(string path, RunConfig config, bool resume)
    {
        OutputFolder.Check(path, "run", Belongs(path));
        FileLock.Check(System.IO.Path.Combine(path, LockFile));
        return DifferencesOf(path, config, resume) ?? [];
    }

    /// <summary>Gives the folder back. A run that failed before its first line of metrics leaves nothing behind.</summary>
    public void Dispose()
    {
        held.Dispose();
        var metrics = new FileInfo(System.IO.Path.Combine(Path, MetricsFile.FileName));
        // Somebody may have removed the folder meanwhile, or the metrics of a run that has got further.
        if (isNew && Directory.Exists(Path) && (!metrics.Exists || metrics.Length == 0) && new Checkpoints(Path).Steps().Count == 0)
        {
            Directory.Delete(Path, recursive: true);
        }
    }

    static IReadOnlyList<RunDifference> Begin(string path, RunConfig config, bool resume)
    {
        if (DifferencesOf(path, config, resume) is { } differences)
        {
            return differences;
        }

        config.Write(path);
        return [];
    }

    // A killed run may have left its lock and an unfinished configuration.
    static Func<string, bool> Belongs(string path)
    {
        var isRun = File.Exists(System.IO.Path.Combine(path, RunConfig.FileName));
        return name => isRun || name is LockFile or RunConfig.FileName + AtomicFile.TemporarySuffix;
    }

    // null: there is no checkpoint, and the run begins.
    static IReadOnlyList<RunDifference>? DifferencesOf(string path, RunConfig config, bool resume)
    {
        if (new Checkpoints(path).Steps() is not [.., var last])
        {
            return null;
        }

        return resume
            ? config.RequireSame(path)
            : throw new IOException($"{path} already holds a run with a checkpoint after step {last}. "
                + "Add `Resume` to go on with it, or choose another folder.");
    }
}
