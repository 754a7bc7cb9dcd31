using System.Diagnostics;

namespace OrtDpo.GpuCheck.Running;

/// <summary>A process that ended, or was ended.</summary>
/// <param name="ExitCode">Its exit code; 128 and the signal's number where a signal ended it.</param>
/// <param name="IsTimedOut">Whether its time was up.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Error">What it complained of.</param>
sealed record SelfProcess(int ExitCode, bool IsTimedOut, string Output, string Error)
{
    /// <summary>Why it ended as it did, as a sentence and what it said last.</summary>
    public string Reason
    {
        get
        {
            const int Lines = 25;
            var said = Error.TrimEnd().Split('\n');
            var how = IsTimedOut ? "its time" : ExitCode > 128 ? $"signal {ExitCode - 128}" : $"exit code {ExitCode}";
            var unhandled = said.FirstOrDefault(line => line.StartsWith("Unhandled exception", StringComparison.Ordinal));
            return $"Ended with {how}{(unhandled is null ? "." : $": {unhandled}")}\n{string.Join('\n', said.TakeLast(Lines))}".TrimEnd();
        }
    }

    /// <summary>Runs this program as another process.</summary>
    public static SelfProcess RunSelf(
        TimeSpan time, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? variables = null) =>
        Run(Environment.ProcessPath!, time, arguments, variables);

    /// <summary>Runs a program, and ends it and what it started after its time.</summary>
    public static SelfProcess Run(
        string program, TimeSpan time, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? variables = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        var isTimedOut = !process.WaitForExit(time);
        if (isTimedOut)
        {
            process.Kill(entireProcessTree: true);
        }

        process.WaitForExit();
        return new SelfProcess(process.ExitCode, isTimedOut, output.Result, error.Result);
    }
}
