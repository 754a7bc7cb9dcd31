namespace OrtDpo.Page.Tests;

/// <summary>The npm packages that the page runs, as its tests install them.</summary>
static class PagePackages
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Their <c>node_modules</c>.</summary>
    public static string Folder => Path.Combine(Installed, "node_modules");

    static string Installed => NodePackages.Installed("page", "onnxruntime-web and @huggingface/tokenizers are", Patience);

    /// <summary>Runs a script of <c>tests/clients/page</c> in Node, and gives what it prints.</summary>
    public static string Run(string script, IReadOnlyList<string> arguments)
    {
        // Beside the packages, where its imports are looked for; other test processes write the same.
        var copy = Path.Combine(Installed, $"{Environment.ProcessId}-{Guid.NewGuid():n}-{script}");
        File.Copy(Repository.Find("tests", "clients", "page", script), copy);
        try
        {
            // The runtime is compiled in one pass: what is computed here is little.
            var run = ProgramRun.Of("node", ["--liftoff-only", copy, .. arguments], Installed);
            Assert.True(run.ExitCode == 0, run.Error);
            return run.Output;
        }
        finally
        {
            File.Delete(copy);
        }
    }
}
