using System.Diagnostics;
using System.Globalization;

namespace OrtDpo.Pipeline.Tests;

/// <summary>Runs <c>ortdpo</c> as a process to which something happens.</summary>
static class SignalledProgram
{
    /// <summary>
    /// Runs a command, and sends it a signal as soon as <paramref name="now"/> says so, which is asked every millisecond.
    /// </summary>
    /// <param name="signal">Its name: <c>TERM</c>, <c>INT</c>, <c>HUP</c> or <c>KILL</c>.</param>
    /// <param name="now">Given what the program has printed so far.</param>
    /// <param name="arguments">The command.</param>
    /// <param name="times">How often the signal is sent, until the program has ended.</param>
    public static ProgramRun Run(string signal, Func<string, bool> now, string[] arguments, int times = 1)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals that one process sends another.");
        Assert.SkipWhen(signal == "INT" && IgnoresInterrupts(), "These tests were started with SIGINT ignored, and so is what they start.");
        return RunUntil(now, Send, arguments);

        void Send(Process process)
        {
            for (var sent = 0; sent < times && !process.HasExited; sent++)
            {
                // Two that come at once are one to the system.
                ProgramRun.Of("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
                process.WaitForExit(sent + 1 < times ? 20 : Timeout.Infinite);
            }
        }
    }

    /// <summary>
    /// Runs a command to its end; <paramref name="then"/> is called once <paramref name="now"/> says so, where that is before its end.
    /// </summary>
    public static ProgramRun RunUntil(Func<string, bool> now, Action<Process> then, string[] arguments)
    {
        using var process = OrtDpoProgram.Start(arguments);
        var printed = new PrintedText(process.StandardOutput);
        var error = process.StandardError.ReadToEndAsync();
        var isNow = false;
        while (!isNow && !process.WaitForExit(1))
        {
            isNow = now(printed.SoFar);
        }

        if (isNow)
        {
            then(process);
        }

        process.WaitForExit();
        return new ProgramRun(process.ExitCode, printed.All(), error.GetAwaiter().GetResult());
    }

    // As what a shell starts in the background, and its children.
    static bool IgnoresInterrupts()
    {
        const string Ignored = "SigIgn:";
        const int Interrupt = 2;
        return OperatingSystem.IsLinux() && File.ReadLines("/proc/self/status")
            .Where(line => line.StartsWith(Ignored, StringComparison.Ordinal))
            .Any(line => (ulong.Parse(line[Ignored.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                & (1UL << (Interrupt - 1))) != 0);
    }

    sealed class PrintedText
    {
        readonly Lock changing = new();
        readonly System.Text.StringBuilder text = new();
        readonly Task reading;

        public PrintedText(StreamReader source) => reading = Task.Run(() =>
        {
            while (source.ReadLine() is { } line)
            {
                lock (changing)
                {
                    text.Append(line).Append('\n');
                }
            }
        });

        public string SoFar
        {
            get
            {
                lock (changing)
                {
                    return text.ToString();
                }
            }
        }

        public string All()
        {
            reading.GetAwaiter().GetResult();
            return SoFar;
        }
    }
}
