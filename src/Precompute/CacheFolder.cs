namespace OrtDpo.Precompute;

/// <summary>The cache's folder: where this run makes it and then fails before a part is written, it is removed again.</summary>
sealed class CacheFolder(string path) : IDisposable
{
    readonly bool isNew = !Directory.Exists(path);

    public void Dispose()
    {
        if (isNew && Directory.Exists(path) && !Directory.EnumerateFiles(path, "part-*").Any() && !IsShared())
        {
            Directory.Delete(path, recursive: true);
        }
    }

    // Another shard may have begun in it meanwhile.
    bool IsShared() => Directory.EnumerateFiles(path, ".lock-*").Skip(1).Any();
}
