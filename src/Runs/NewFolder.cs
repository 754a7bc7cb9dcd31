namespace OrtDpo.Runs;

/// <summary>
/// A folder that is whole or not there: filled under a temporary name beside it, and then renamed. What a program that was killed left of
/// one is removed by the next that makes the same folder.
/// </summary>
public static class NewFolder
{
    // No name that somebody would give a folder: what is called so may be removed.
    const string Suffix = ".ortdpo" + AtomicFile.TemporarySuffix;

    /// <summary>Makes a folder.</summary>
    /// <param name="path">The folder; it must not exist.</param>
    /// <param name="fill">Fills the temporary one; where it throws, nothing is left behind.</param>
    /// <exception cref="IOException">
    /// The folder cannot be made where it is to be, or the disk is full; the message says so.
    /// </exception>
    public static T Make<T>(string path, Func<string, T> fill)
    {
        var temporary = path.TrimEnd(Path.DirectorySeparatorChar) + Suffix;
        Begin(path, temporary);
        try
        {
            var result = fill(temporary);
            DurableFolder.FlushAll(temporary);
            DurableFolder.Move(temporary, path);
            return result;
        }
        catch (IOException e) when (AtomicFile.IsDiskFull(e))
        {
            throw new IOException($"The disk is full: {path} could not be written. Free space, then run the same command again.", e);
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    static void Begin(string path, string temporary)
    {
        try
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }

            Directory.CreateDirectory(temporary);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException && !(e is IOException io && AtomicFile.IsDiskFull(io)))
        {
            throw new IOException($"{path} cannot be made: {e.Message} Choose a folder that you may write to (`Out`).", e);
        }
    }
}
