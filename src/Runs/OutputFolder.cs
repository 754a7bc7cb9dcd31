namespace OrtDpo.Runs;

/// <summary>The folder that a program is to write.</summary>
public static class OutputFolder
{
    /// <summary>Makes the folder where it is not there, and refuses one that holds something else.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="kind">What the program writes: <c>run</c>.</param>
    /// <param name="belongs">Whether a file of this name may be there without the rest, as after a kill.</param>
    /// <returns>Whether it was made.</returns>
    /// <exception cref="IOException">The path is a file, or the folder holds what does not belong there.</exception>
    public static bool Make(string path, string kind, Func<string, bool> belongs)
    {
        RequireOurs(path, kind, belongs);
        if (Directory.Exists(path))
        {
            return false;
        }

        DurableFolder.Make(path);
        return true;
    }

    /// <summary>Refuses what <see cref="Make"/> refuses, and leaves everything as it is.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="kind">What the program writes: <c>run</c>.</param>
    /// <param name="belongs">Whether a file of this name may be there without the rest, as after a kill.</param>
    /// <exception cref="IOException">The path is a file, or the folder holds what does not belong there, or cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be written.</exception>
    public static void Check(string path, string kind, Func<string, bool> belongs)
    {
        RequireOurs(path, kind, belongs);
        FolderProbe.Try(path);
    }

    static void RequireOurs(string path, string kind, Func<string, bool> belongs)
    {
        if (File.Exists(path))
        {
            throw new IOException($"{path} is a file. Choose a folder that does not exist yet.");
        }

        if (!Directory.Exists(path))
        {
            return;
        }

        var foreign = Directory.EnumerateFileSystemEntries(path)
            .Select(entry => Path.GetFileName(entry)!)
            .Order(StringComparer.Ordinal)
            .FirstOrDefault(name => !belongs(name));
        if (foreign is not null)
        {
            throw new IOException($"{path} holds '{foreign}' and no {kind}. Choose a folder that does not exist yet.");
        }
    }
}
