namespace OrtDpo.Testing;

/// <summary>The clone that the tests were built in.</summary>
static class Repository
{
    /// <summary>The folder that holds <c>OrtDpo.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path below the root.</summary>
    public static string Find(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "OrtDpo.sln")))
            {
                return folder;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds OrtDpo.sln.");
    }
}
