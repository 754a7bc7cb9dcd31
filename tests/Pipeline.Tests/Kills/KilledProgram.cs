using System.Diagnostics;

namespace OrtDpo.Pipeline.Tests;

/// <summary>Runs a command that continues its own work, and kills it with SIGKILL at random moments.</summary>
/// <param name="duration">How long an uninterrupted run takes; the moments are spread evenly over it, but for its start.</param>
/// <param name="seed">Of the moments.</param>
sealed class KilledProgram(TimeSpan duration, int seed)
{
    // 128 + 9: how .NET reports a process that SIGKILL ended.
    const int Killed = 137;

    // Until then a program starts and reads; nothing is written.
    const double Start = 0.2;

    readonly Random random = new(seed);

    /// <summary>
    /// Runs <paramref name="command"/> until it has been killed <paramref name="kills"/> times, and then to its end. Wherever it comes to
    /// its end before, <paramref name="completed"/> is called, and the next run begins in a new folder.
    /// </summary>
    /// <param name="kills">How often to kill.</param>
    /// <param name="command">The arguments, for the folder of that number.</param>
    /// <param name="killed">Told where each kill happened: the folder's number.</param>
    /// <param name="completed">Compares what lies in the folder of that number.</param>
    public void Run(int kills, Func<int, string[]> command, Action<int, TimeSpan> killed, Action<int> completed)
    {
        var folder = 0;
        for (var made = 0; made < kills;)
        {
            var moment = (Start + ((1 - Start) * random.NextDouble())) * duration;
            if (EndsBefore(moment, command(folder)))
            {
                completed(folder++);
            }
            else
            {
                killed(folder, moment);
                made++;
            }
        }

        var last = OrtDpoProgram.RunProcess(command(folder));
        Assert.Equal((0, ""), (last.ExitCode, last.Error));
        completed(folder);
    }

    /// <summary>
    /// Runs a command and kills it as soon as <paramref name="now"/> says so, which is asked every millisecond; whether it came to its end
    /// before.
    /// </summary>
    public static bool EndsBefore(Func<bool> now, string[] arguments) => EndsBefore(
        process =>
        {
            while (!now() && !process.WaitForExit(1))
            {
            }
        },
        arguments);

    static bool EndsBefore(TimeSpan moment, string[] arguments) => EndsBefore(process => process.WaitForExit(moment), arguments);

    static bool EndsBefore(Action<Process> wait, string[] arguments)
    {
        using var process = OrtDpoProgram.Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        wait(process);
        if (!process.HasExited)
        {
            process.Kill();
        }

        process.WaitForExit();
        var ended = process.ExitCode != Killed;
        Assert.True(!ended || process.ExitCode == 0, $"{error.GetAwaiter().GetResult()}{output.GetAwaiter().GetResult()}");
        return ended;
    }
}
