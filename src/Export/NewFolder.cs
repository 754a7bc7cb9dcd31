using OrtDpo.Runs;

namespace OrtDpo.Export;

/// <summary>A folder that is whole or not there: filled under a temporary name beside it, and then renamed.</summary>
static class NewFolder
{
    /// <summary>Makes a folder.</summary>
    /// <param name="path">The folder; it must not exist.</param>
    /// <param name="fill">Fills the temporary one; where it throws, nothing is left behind.</param>
    public static T Make<T>(string path, Func<string, T> fill)
    {
        var temporary = path.TrimEnd(Path.DirectorySeparatorChar) + AtomicFile.TemporarySuffix;
        if (Directory.Exists(temporary))
        {
            Directory.Delete(temporary, recursive: true);
        }

        Directory.CreateDirectory(temporary);
        try
        {
            var result = fill(temporary);
            Directory.Move(temporary, path);
            return result;
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }
}
