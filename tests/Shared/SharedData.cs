namespace OrtDpo.Testing;

/// <summary>Real data that lies beside the repository on some machines; tests that use it are skipped elsewhere.</summary>
static class SharedData
{
    /// <summary>The path of <c>../shared/data/…</c>, seen from the repository's root.</summary>
    public static string Folder(string name)
    {
        var folder = Repository.Find("..", "shared", "data", name);
        Assert.SkipUnless(Directory.Exists(folder), $"{folder} does not exist: this test needs the shared data beside the repository.");
        return folder;
    }
}
