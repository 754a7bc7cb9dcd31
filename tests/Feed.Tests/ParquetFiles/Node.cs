using System.Diagnostics;
using System.Security.Cryptography;

namespace OrtDpo.Feed.Tests.ParquetFiles;

/// <summary>Runs the scripts of <c>node/</c>, whose packages it installs once per clone and lock file.</summary>
static class Node
{
    static readonly string folder = Repository.Find("tests", "Feed.Tests", "node");
    static readonly Lazy<Task> installed = new(InstallAsync);

    /// <summary>Runs a script and returns what it printed.</summary>
    public static async Task<string> RunAsync(string script, params string[] arguments)
    {
        Skip.If(!IsOnPath("node") || !IsOnPath("npm"), "node and npm are not on the PATH: the independent Parquet implementations cannot run.");
        await installed.Value;
        return await StartAsync("node", [script, .. arguments]);
    }

    static async Task InstallAsync()
    {
        var setup = Directory.CreateDirectory(Repository.Find(".setup", "feed-tests")).FullName;
        var stamp = Path.Combine(setup, "stamp");
        var wanted = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(folder, "package-lock.json"))));
        await using var turn = await LockAsync(Path.Combine(setup, "lock"));
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == wanted && Directory.Exists(Path.Combine(folder, "node_modules")))
        {
            return;
        }

        await StartAsync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
        await File.WriteAllTextAsync(stamp, wanted);
    }

    // Another run of the suite may be installing.
    static async Task<FileStream> LockAsync(string path)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200));
            }
        }
    }

    static async Task<string> StartAsync(string program, string[] arguments)
    {
        var windows = OperatingSystem.IsWindows() && program == "npm";
        var start = new ProcessStartInfo(windows ? "cmd" : program, windows ? ["/c", program, .. arguments] : arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(5)).Token);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} exited with {process.ExitCode}:\n{await error}{await output}");
        return await output;
    }

    static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(part => part.Length > 0 && (File.Exists(Path.Combine(part, program)) || File.Exists(Path.Combine(part, $"{program}.cmd"))
                || File.Exists(Path.Combine(part, $"{program}.exe"))));
}
