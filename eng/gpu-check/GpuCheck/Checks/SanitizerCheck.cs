using OrtDpo.GpuCheck.Running;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>NVIDIA's memory checker on steps of a small model: no kernel reads or writes beside what it was given.</summary>
sealed class SanitizerCheck() : Check(10, "compute-sanitizer", seconds: 120)
{
    const string Program = "compute-sanitizer";
    const int Found = 77;
    // Of what it said.
    const int Lines = 40;

    static readonly TimeSpan ForProgram = TimeSpan.FromSeconds(110);

    public override void Run(CheckRun run)
    {
        if (run.Mode != CheckMode.Gpu)
        {
            run.Skip($"{Program} watches a GPU, and there is none.");
            return;
        }

        if (Find() is not { } program)
        {
            run.Skip($"{Program} is not here: not on the PATH, and not in CUDA_HOME, /usr/local/cuda or the folders of ORTDPO_CUDA.");
            return;
        }

        var process = SelfProcess.Run(
            program, ForProgram,
            ["--tool", "memcheck", "--error-exitcode", $"{Found}", Environment.ProcessPath!, "digest", .. run.Places.Arguments]);
        if (process.IsTimedOut)
        {
            run.Skip($"{Program} did not end in {ForProgram.TotalSeconds:0} s.");
            return;
        }

        // Its own lines begin so; the first are of the first error, the last is how many there were.
        var said = (process.Output + process.Error).Trim().Split('\n')
            .Where(line => line.StartsWith("====", StringComparison.Ordinal)).ToList();
        run.Told("it said first", string.Join('\n', said.Take(Lines)));
        run.Told("it said last", said.LastOrDefault() ?? process.Reason);
        run.Counted("its exit code", process.ExitCode, text: process.ExitCode == Found ? "(errors were found)" : "");
        run.Computed("no error was found", process.ExitCode == 0);
    }

    static string? Find()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).ToList();
        foreach (var root in new[] { Environment.GetEnvironmentVariable("CUDA_HOME"), "/usr/local/cuda" }.OfType<string>())
        {
            folders.Add(Path.Combine(root, "bin"));
        }

        // pip's packages: .../nvidia/cu13/lib beside .../nvidia/cu13/bin.
        if (Environment.GetEnvironmentVariable("ORTDPO_CUDA") is { Length: > 0 } libraries)
        {
            folders.Add(Path.Combine(libraries, "..", "bin"));
        }

        return folders.Select(folder => Path.Combine(folder, Program)).FirstOrDefault(File.Exists);
    }
}
