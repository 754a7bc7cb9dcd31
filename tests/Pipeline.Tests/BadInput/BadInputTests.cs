namespace OrtDpo.Pipeline.Tests;

/// <summary>
/// Whatever is wrong, a program says in one sentence what it found and where, what it expected and what to do, and leaves no trace.
/// </summary>
public sealed partial class BadInputTests(TinyPipeline made) : IClassFixture<TinyPipeline>, IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <param name="exitCode">1 for the world, 2 for the command line.</param>
    /// <param name="expected">All of stderr, but for the end of its line.</param>
    /// <param name="arguments">The command line.</param>
    void Refused(int exitCode, string expected, params string[] arguments) => Assert.Equal("", Failed(exitCode, expected, arguments));

    /// <summary>For what only shows once the work has begun: its decisions stand on stdout, and no result does.</summary>
    void GivenUp(string expected, params string[] arguments)
    {
        var output = Failed(1, expected, arguments).Split('\n');
        Assert.DoesNotContain(
            output,
            line => line.StartsWith("cache:", StringComparison.Ordinal) || line.StartsWith("policy:", StringComparison.Ordinal));
    }

    string Failed(int exitCode, string expected, string[] arguments)
    {
        var before = Files();
        var run = OrtDpoProgram.Run(arguments);
        Assert.Equal(expected + Environment.NewLine, run.Error);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Equal(before, Files());
        return run.Output;
    }

    string Out => folder.File("out");

    string[] Precompute(string model, string data) => ["precompute", "--model", model, "--data", data, "--out", Out];

    string[] Train(string model, string cache) => ["train", "--model", model, "--ref", cache, "--max-steps", "2", "--out", Out];

    // A folder has no length, but it must not be left behind either.
    (string, long)[] Files() => [.. ((string[])[folder.Path, made.Folder])
        .SelectMany(path => new DirectoryInfo(path).GetFileSystemInfos("*", SearchOption.AllDirectories))
        .Select(entry => (entry.FullName, entry is FileInfo file ? file.Length : 0))
        .Order()];

    string CopyOf(string path, string name)
    {
        foreach (var file in Directory.GetFiles(path, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder.File(name), Path.GetRelativePath(path, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return folder.File(name);
    }

    static void Truncate(string path, Func<long, long> length)
    {
        using var file = File.Open(path, FileMode.Open);
        file.SetLength(length(file.Length));
    }
}
