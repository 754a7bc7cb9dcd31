using System.Text;

namespace OrtDpo.Runs;

/// <summary><c>metrics.jsonl</c>: lines are only ever added, and cut off again where a run resumes from an earlier checkpoint.</summary>
public sealed class MetricsFile : IDisposable
{
    /// <summary>Its name in a run's folder.</summary>
    public const string FileName = "metrics.jsonl";

    readonly FileStream file;

    /// <summary>Opens or makes the file and cuts off what lies behind its first <paramref name="length"/> bytes.</summary>
    /// <exception cref="InvalidDataException">The file is shorter than that.</exception>
    public MetricsFile(string path, long length)
    {
        // Looked at before it is made: a refused run leaves no file.
        var found = File.Exists(path) ? new FileInfo(path).Length : 0;
        if (found < length)
        {
            throw new InvalidDataException($"{path} has {found} bytes, but the checkpoint was written when it had {length}. "
                + "Restore the file, or start the run again elsewhere.");
        }

        file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        file.SetLength(length);
        file.Seek(0, SeekOrigin.End);
    }

    /// <summary>Bytes so far.</summary>
    public long Length => file.Length;

    /// <summary>Adds a line; a killed process loses no line that was added before.</summary>
    public void Append(MetricsLine line)
    {
        file.Write(Encoding.UTF8.GetBytes(line.ToJson() + "\n"));
        file.Flush();
    }

    /// <summary>Returns when every line is on the disk.</summary>
    public void FlushToDisk() => file.Flush(flushToDisk: true);

    public void Dispose() => file.Dispose();
}
