namespace OrtDpo.Pipeline.Tests.Fixtures;

/// <summary>
/// A copy of <c>tests/fixtures/first-slice</c>: caches, runs and an export that an earlier program wrote, for the program of today to go
/// on with.
/// </summary>
public sealed class FirstSlice : IDisposable
{
    // Where make.sh ran: a run's configuration names its model, its data and its cache by their full paths.
    const string MadeIn = "/tmp/ortdpo-first-slice/";

    static readonly string[] Parts = ["model", "data", "caches", "runs", "export"];

    readonly TemporaryFolder folder = new();

    public FirstSlice()
    {
        foreach (var part in Parts)
        {
            CopyFolder(Recorded(part), folder.File(part));
        }

        // eval and export open the cache where the run was made, which is not here.
        foreach (var config in Directory.EnumerateFiles(folder.File("runs"), "config.yaml", SearchOption.AllDirectories))
        {
            File.WriteAllText(config, File.ReadAllText(config).Replace(MadeIn, folder.Path + "/", StringComparison.Ordinal));
        }
    }

    /// <summary>The copy. Programs run in it, so that they are given, and print, paths within it.</summary>
    public string Folder => folder.Path;

    /// <summary>The path of what lies in the repository, as it was written.</summary>
    public static string Recorded(params ReadOnlySpan<string> parts) => Repository.Find(["tests", "fixtures", "first-slice", .. parts]);

    /// <summary>A path within the copy.</summary>
    public string PathOf(string name) => folder.File(name);

    /// <summary>Runs a command in the copy, which becomes the process's current folder (<see cref="MovesCurrentFolder"/>).</summary>
    internal ProgramRun Run(params IEnumerable<string> arguments) => OrtDpoProgram.RunIn(Folder, arguments);

    /// <summary>Runs a command in the copy, which must succeed; its stdout.</summary>
    internal string Succeed(params IEnumerable<string> arguments)
    {
        var run = Run(arguments);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return run.Output;
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Copies all files of a folder into another.</summary>
    internal static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
