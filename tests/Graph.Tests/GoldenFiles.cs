namespace OrtDpo.Graph.Tests;

/// <summary>The golden files, found from wherever the tests were built.</summary>
static class GoldenFiles
{
    public static string Path(params string[] parts)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "OrtDpo.sln")))
            {
                return System.IO.Path.Combine([folder.FullName, "tests", "golden", .. parts]);
            }
        }

        throw new DirectoryNotFoundException($"OrtDpo.sln was not found above {AppContext.BaseDirectory}.");
    }
}
