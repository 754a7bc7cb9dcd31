namespace OrtDpo.Runs;

/// <summary>
/// <c>metrics.jsonl</c>: lines are only ever added, and cut off again where a run resumes from an earlier checkpoint. What cannot be
/// written now, as where the disk is full, waits in memory, and is written with the line that comes next: no line is lost, and none is
/// there twice.
/// </summary>
public sealed class MetricsFile : IDisposable
{
    /// <summary>Its name in a run's folder.</summary>
    public const string FileName = "metrics.jsonl";

    readonly AppendedLines file;

    /// <summary>Opens or makes the file and cuts off what lies behind its first <paramref name="length"/> bytes.</summary>
    /// <exception cref="InvalidDataException">The file is shorter than that, or no line ends there.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public MetricsFile(string path, long length)
    {
        // Looked at before it is made: a refused run leaves no file.
        Check(path, length);
        file = new AppendedLines(path);
        file.Cut(length);
    }

    /// <summary>Refuses what the constructor refuses, and leaves everything as it is.</summary>
    /// <exception cref="InvalidDataException">The file is shorter than <paramref name="length"/>, or no line ends there.</exception>
    public static void Check(string path, long length)
    {
        var found = File.Exists(path) ? new FileInfo(path).Length : 0;
        if (found < length)
        {
            throw new InvalidDataException($"{path} has {found} bytes, but the checkpoint was written when it had {length}. "
                + "Restore the file, or start the run again elsewhere.");
        }

        RequireLine(path, length);
    }

    /// <summary>Bytes so far, with those that wait.</summary>
    public long Length => file.Length;

    /// <summary>Why lines wait in memory; null where all are in the file.</summary>
    public IOException? Fault => file.Fault;

    /// <summary>Whether the file is still there under its name.</summary>
    public bool IsThere => file.IsThere;

    /// <summary>
    /// Adds a line; a killed process loses no line that was added before, but for those that wait (<see cref="Fault"/>).
    /// </summary>
    public void Append(MetricsLine line) => file.Append(line.ToJson());

    /// <summary>Returns when every line is on the disk.</summary>
    /// <exception cref="IOException">One cannot be written.</exception>
    public void FlushToDisk() => file.FlushToDisk();

    public void Dispose() => file.Dispose();

    static void RequireLine(string path, long length)
    {
        if (length == 0)
        {
            return;
        }

        using var found = File.OpenRead(path);
        found.Seek(length - 1, SeekOrigin.Begin);
        if (found.ReadByte() != '\n')
        {
            throw new InvalidDataException($"{path} was changed: no line ends after its first {length} bytes, "
                + "which it had when the checkpoint was written. Restore the file, or start the run again elsewhere.");
        }
    }
}
