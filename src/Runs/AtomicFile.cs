using System.Text;

namespace OrtDpo.Runs;

/// <summary>
/// Writes files that are either complete or not there: under a temporary name in the same folder, flushed to the disk, renamed, and the
/// folder flushed, which has the name. A process that is killed leaves at most a file that ends in <see cref="TemporarySuffix"/>, which the
/// next write of the same file replaces.
/// </summary>
public static class AtomicFile
{
    /// <summary>What the name of an unfinished file ends with.</summary>
    public const string TemporarySuffix = ".tmp";

    // ENOSPC and EDQUOT on Linux, EDQUOT on macOS, ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL.
    static readonly int[] DiskFull = [28, 122, 69, unchecked((int)0x80070027), unchecked((int)0x80070070)];

    /// <summary>Writes <paramref name="path"/>, replacing what is there.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="write">Writes the contents; the stream can seek.</param>
    /// <param name="verify">Reads the temporary file back before it gets its name; what it throws keeps the old file in place.</param>
    /// <exception cref="IOException">The file cannot be written; the message says so where the disk is full.</exception>
    public static void Write(string path, Action<Stream> write, Action<string>? verify = null)
    {
        var temporary = path + TemporarySuffix;
        try
        {
            WriteThrough(path, temporary, write, verify);
        }
        catch (IOException e) when (IsDiskFull(e))
        {
            File.Delete(temporary);
            throw new IOException($"The disk is full: {path} could not be written. Free space, then run the same command again.", e);
        }
    }

    /// <summary>Whether a file could not be written for want of space.</summary>
    public static bool IsDiskFull(IOException e) =>
        DiskFull.Contains(e.HResult) || (e.InnerException is IOException inner && IsDiskFull(inner));

    /// <summary>Writes <paramref name="text"/> as UTF-8 without a byte order mark.</summary>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    static void WriteThrough(string path, string temporary, Action<Stream> write, Action<string>? verify)
    {
        var name = Path.GetFileName(path);
        CrashPoint.Reached($"before writing {name}");
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            write(stream);
            CrashPoint.Reached($"before flushing {name}");
            stream.Flush(flushToDisk: true);
        }

        CrashPoint.Reached($"before verifying {name}");
        verify?.Invoke(temporary);
        CrashPoint.Reached($"before renaming {name}");
        File.Move(temporary, path, overwrite: true);
        CrashPoint.Reached($"after renaming {name}");
        DurableFolder.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }
}
