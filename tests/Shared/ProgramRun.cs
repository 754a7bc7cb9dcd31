using System.Diagnostics;

namespace OrtDpo.Testing;

/// <summary>A program that was started as a user starts it, and ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">All of stdout.</param>
/// <param name="Error">All of stderr.</param>
sealed record ProgramRun(int ExitCode, string Output, string Error)
{
    // For one that hangs: a hundred steps on real pairs take two minutes, and more than five beside other work.
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    /// <summary>
    /// Runs a program to its end, in the repository's root or in <paramref name="folder"/>, with variables added to its environment and
    /// <paramref name="input"/> on its stdin, where there is one.
    /// </summary>
    public static ProgramRun Of(
        string program, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string>? variables = null,
        string? input = null)
    {
        using var process = Start(program, arguments, folder, variables, redirectsInput: input is not null);
        if (input is not null)
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }

        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {Limit.TotalMinutes} minutes.");
        }

        return new ProgramRun(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>Starts a program with both outputs redirected, and its input where that is asked for.</summary>
    public static Process Start(
        string program, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string>? variables = null,
        bool redirectsInput = false)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder ?? Repository.Root,
            RedirectStandardInput = redirectsInput,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Left by `dotnet test`: a second dotnet would load the first one's tools.
        start.Environment.Remove("MSBuildSDKsPath");
        start.Environment.Remove("MSBuildExtensionsPath");
        start.Environment.Remove("MSBUILD_EXE_PATH");
        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
