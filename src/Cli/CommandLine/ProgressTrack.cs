using Spectre.Console;

namespace OrtDpo.Cli.CommandLine;

/// <summary>
/// An activity whose progress is shown: by a bar on a terminal, by lines elsewhere. Made by <see cref="ProgramOutput.Track"/>.
/// </summary>
public sealed class ProgressTrack : IDisposable
{
    readonly ProgramOutput output;
    readonly ProgressLines lines;
    readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Task? bar;
    ProgressTask? task;

    internal ProgressTrack(ProgramOutput output, ProgressLines lines, IAnsiConsole? terminal, string activity, long total)
    {
        this.output = output;
        this.lines = lines;
        if (terminal is not null)
        {
            Console.CancelKeyPress += ShowCursor;
            bar = terminal.Progress()
                .AutoClear(true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(async context =>
                {
                    task = context.AddTask(Markup.Escape(activity), maxValue: total);
                    await ended.Task;
                });
        }
    }

    /// <summary>Shows that <paramref name="units"/> are done.</summary>
    public void Done(long units)
    {
        if (bar is not null)
        {
            task!.Value = units;
        }
        else if (lines.Next(units) is { } line)
        {
            output.WriteLine(line);
        }
    }

    /// <summary>Takes the bar away, and says in a line how long it took.</summary>
    public void End()
    {
        Dispose();
        output.WriteLine(lines.Last());
    }

    /// <summary>Takes the bar away, where the activity failed too.</summary>
    public void Dispose()
    {
        if (bar is null || ended.Task.IsCompleted)
        {
            return;
        }

        ended.SetResult();
        bar.GetAwaiter().GetResult();
        Console.CancelKeyPress -= ShowCursor;
    }

    // The bar hides the cursor; a run that is interrupted must not leave it hidden.
    static void ShowCursor(object? sender, ConsoleCancelEventArgs interrupt) => Console.Out.Write("\e[?25h");
}
