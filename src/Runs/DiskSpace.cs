namespace OrtDpo.Runs;

/// <summary>The space of the file system that a folder lies in, or will lie in.</summary>
public static class DiskSpace
{
    /// <summary>Bytes that are free there for this user; null where the system does not say.</summary>
    public static long? FreeFor(string path)
    {
        var folder = Path.GetFullPath(path);
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } above)
        {
            folder = above;
        }

        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
