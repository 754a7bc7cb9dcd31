using Spectre.Console;

namespace OrtDpo.Core.CommandLine;

/// <summary>What a program says on stdout: lines, tables, and progress, which is a bar on a terminal and plain lines elsewhere.</summary>
public sealed class ProgramOutput
{
    readonly TextWriter writer;
    readonly IAnsiConsole? terminal;
    readonly TimeProvider time;

    /// <summary>An output without a terminal.</summary>
    public ProgramOutput(TextWriter writer, TimeProvider time)
        : this(writer, terminal: null, time)
    {
    }

    ProgramOutput(TextWriter writer, IAnsiConsole? terminal, TimeProvider time)
    {
        this.writer = writer;
        this.terminal = terminal;
        this.time = time;
    }

    /// <summary>The output on <paramref name="writer"/>; with a bar where that is the console and the console is a terminal.</summary>
    public static ProgramOutput For(TextWriter writer)
    {
        bool isTerminal = writer == Console.Out && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;
        return new ProgramOutput(writer, isTerminal ? AnsiConsole.Console : null, TimeProvider.System);
    }

    /// <summary>Writes one line; while a bar is shown, above it.</summary>
    public void WriteLine(string line = "")
    {
        if (terminal is null)
        {
            writer.WriteLine(line);
        }
        else
        {
            terminal.WriteLine(line);
        }
    }

    /// <summary>Writes rows in columns aligned on the left.</summary>
    public void WriteTable(params IReadOnlyList<IReadOnlyList<string>> rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows.Max(row => row.Count)).Select(i => rows.Max(row => i < row.Count ? row[i].Length : 0))];
        foreach (IReadOnlyList<string> row in rows)
        {
            WriteLine(string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/>, which reports how many units are done, and closes with a line that says how long it took.
    /// </summary>
    /// <param name="activity">What is done, such as <c>scoring</c>.</param>
    /// <param name="total">How many units there are.</param>
    /// <param name="unit">What is counted, in the plural: <c>pairs</c>, <c>steps</c>.</param>
    /// <param name="work">Receives the action to call with the number done so far.</param>
    public void Track(string activity, long total, string unit, Action<Action<long>> work)
    {
        var lines = new ProgressLines(activity, total, unit, time);
        if (terminal is null)
        {
            work(done =>
            {
                if (lines.Next(done) is { } line)
                {
                    WriteLine(line);
                }
            });
        }
        else
        {
            ShowProgressBar(terminal, activity, total, work);
        }

        WriteLine(lines.Last());
    }

    static void ShowProgressBar(IAnsiConsole terminal, string activity, long total, Action<Action<long>> work)
    {
        // The bar hides the cursor; a run that is interrupted must not leave it hidden.
        void ShowCursor(object? sender, ConsoleCancelEventArgs interrupt) => Console.Out.Write("\e[?25h");
        Console.CancelKeyPress += ShowCursor;
        try
        {
            terminal.Progress()
                .AutoClear(true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .Start(context =>
                {
                    ProgressTask task = context.AddTask(Markup.Escape(activity), maxValue: total);
                    work(done => task.Value = done);
                });
        }
        finally
        {
            Console.CancelKeyPress -= ShowCursor;
        }
    }
}
