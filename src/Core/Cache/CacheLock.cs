using OrtDpo.Core.Data;

namespace OrtDpo.Core.Cache;

/// <summary>
/// One writer for a shard of a cache: an operating-system lock on a file that stays, empty. A process that is killed gives it back.
/// </summary>
internal sealed class CacheLock : IDisposable
{
    // EWOULDBLOCK on Linux, on macOS, and ERROR_SHARING_VIOLATION.
    static readonly int[] Held = [11, 35, unchecked((int)0x80070020)];

    readonly FileStream file;

    CacheLock(FileStream file) => this.file = file;

    /// <exception cref="IOException">Another process, or another writer of this one, holds the lock.</exception>
    internal static CacheLock Take(string folder, Shard shard)
    {
        var path = Path.Combine(folder, CacheFiles.Lock(shard));
        try
        {
            return new CacheLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (Held.Contains(e.HResult))
        {
            throw new IOException($"{folder} is being written by another run (it holds {path}). Wait for it to end, or choose another folder.", e);
        }
    }

    public void Dispose() => file.Dispose();
}
