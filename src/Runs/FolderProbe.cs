namespace OrtDpo.Runs;

/// <summary>Tries whether a folder can be written, and leaves everything as it was.</summary>
static class FolderProbe
{
    /// <summary>Makes the folder and removes it again; where it is there, a file in it.</summary>
    /// <exception cref="IOException">It cannot be made or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be.</exception>
    public static void Try(string path)
    {
        if (Directory.Exists(path))
        {
            var file = Path.Combine(path, $".probe-{Guid.NewGuid():N}{AtomicFile.TemporarySuffix}");
            using (File.Create(file, bufferSize: 1, FileOptions.DeleteOnClose))
            {
            }

            return;
        }

        // Folders above it that are missing are made with it, and go with it.
        var missing = Missing(Path.GetFullPath(path)).ToList();
        try
        {
            Directory.CreateDirectory(path);
        }
        finally
        {
            foreach (var made in missing.Where(Directory.Exists))
            {
                Directory.Delete(made);
            }
        }
    }

    static IEnumerable<string> Missing(string path)
    {
        for (var folder = path; folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
        {
            yield return folder;
        }
    }
}
