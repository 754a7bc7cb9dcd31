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
        var isRun = File.Exists(System.IO.Path.Combine(path, RunConfig.FileName));
        // A killed run may have left its lock and an unfinished configuration.
        var isNew = OutputFolder.Make(path, "run", name => isRun || name is LockFile or RunConfig.FileName + AtomicFile.TemporarySuffix);
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
        if (new Checkpoints(path).Steps() is not [.., var last])
        {
            config.Write(path);
            return [];
        }

        return resume
            ? config.RequireSame(path)
            : throw new IOException($"{path} already holds a run with a checkpoint after step {last}. "
                + "Add `Resume` to go on with it, or choose another folder.");
    }
}
