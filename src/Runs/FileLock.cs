namespace OrtDpo.Runs;

/// <summary>
/// One writer for a folder: an operating-system lock on a file that stays, empty. A process that is killed gives it back.
/// </summary>
public sealed class FileLock : IDisposable
{
    // EWOULDBLOCK on Linux, on macOS, and ERROR_SHARING_VIOLATION.
    static readonly int[] Held = [11, 35, unchecked((int)0x80070020)];

    readonly FileStream file;

    FileLock(FileStream file) => this.file = file;

    /// <summary>Takes the lock of <paramref name="path"/>, a file in the folder that is to be written.</summary>
    /// <exception cref="IOException">Another writer holds it.</exception>
    public static FileLock Take(string path)
    {
        try
        {
            return new FileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (Held.Contains(e.HResult))
        {
            throw new IOException(
                $"{Path.GetDirectoryName(path)} is being written by another run (it holds {path}). "
                + "Wait for it to end, or choose another folder.",
                e);
        }
    }

    /// <summary>Refuses what <see cref="Take"/> refuses, where the file is there, and leaves everything as it is.</summary>
    /// <exception cref="IOException">Another writer holds it.</exception>
    public static void Check(string path)
    {
        if (File.Exists(path))
        {
            Take(path).Dispose();
        }
    }

    public void Dispose() => file.Dispose();
}
