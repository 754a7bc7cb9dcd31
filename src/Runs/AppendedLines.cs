using System.Text;

namespace OrtDpo.Runs;

/// <summary>
/// A file of lines that are only ever added behind its first bytes, which stay. What cannot be written now, as where the disk is full,
/// waits in memory, and is written with the line that comes next: no line is lost, and none is there twice.
/// </summary>
sealed class AppendedLines : IDisposable
{
    readonly string path;
    readonly FileStream file;
    readonly MemoryStream waiting = new();
    long written;

    /// <summary>Opens or makes the file; what is kept of it is said by <see cref="Cut"/>.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public AppendedLines(string path)
    {
        this.path = path;
        // Without a buffer: what was not written must not be written by the stream, behind this file's back, at some later moment.
        file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        written = file.Length;
    }

    /// <summary>Bytes so far, with those that wait.</summary>
    public long Length => written + waiting.Length;

    /// <summary>Why lines wait in memory; null where all are in the file.</summary>
    public IOException? Fault { get; private set; }

    /// <summary>Whether the file is still there under its name.</summary>
    public bool IsThere => File.Exists(path);

    /// <summary>What the file holds.</summary>
    public byte[] Read()
    {
        var contents = new byte[written];
        file.Seek(0, SeekOrigin.Begin);
        file.ReadExactly(contents);
        return contents;
    }

    /// <summary>Cuts off what lies behind the first <paramref name="length"/> bytes.</summary>
    public void Cut(long length)
    {
        file.SetLength(length);
        written = length;
        DurableFolder.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>
    /// Adds lines; a killed process loses none that was added before, but for those that wait (<see cref="Fault"/>).
    /// </summary>
    /// <param name="lines">Without a line feed.</param>
    public void Append(params IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            waiting.Write(Encoding.UTF8.GetBytes(line + "\n"));
        }

        try
        {
            WriteWaiting();
        }
        catch (IOException e)
        {
            Fault = e;
        }
    }

    /// <summary>Returns when every line is on the disk.</summary>
    /// <exception cref="IOException">One cannot be written.</exception>
    public void FlushToDisk()
    {
        WriteWaiting();
        file.Flush(flushToDisk: true);
    }

    public void Dispose() => file.Dispose();

    // At the same place again where it failed half way.
    void WriteWaiting()
    {
        if (waiting.Length == 0)
        {
            return;
        }

        CrashPoint.Reached($"before writing to {Path.GetFileName(path)}");
        RandomAccess.Write(file.SafeFileHandle, waiting.GetBuffer().AsSpan(0, (int)waiting.Length), written);
        written += waiting.Length;
        waiting.SetLength(0);
        Fault = null;
    }
}
