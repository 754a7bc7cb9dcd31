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
        if (File.Exists(path))
        {
            throw new IOException($"{path} is a file. Choose a folder that does not exist yet.");
        }

        if (!Directory.Exists(path))
        {
            DurableFolder.Make(path);
            return true;
        }

        var foreign = Directory.EnumerateFileSystemEntries(path)
            .Select(entry => Path.GetFileName(entry)!)
            .Order(StringComparer.Ordinal)
            .FirstOrDefault(name => !belongs(name));
        return foreign is null
            ? false
            : throw new IOException($"{path} holds '{foreign}' and no {kind}. Choose a folder that does not exist yet.");
    }
}
