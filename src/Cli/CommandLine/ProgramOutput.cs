using Spectre.Console;

namespace OrtDpo.Cli.CommandLine;

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
        var isTerminal = writer == Console.Out && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;
        return new ProgramOutput(writer, isTerminal ? AnsiConsole.Console : null, TimeProvider.System);
    }

    /// <summary>Whether somebody reads along.</summary>
    public bool IsTerminal => terminal is not null;

    /// <summary>Writes a part of a line, which is there at once; while no bar is shown.</summary>
    public void Write(string part)
    {
        writer.Write(part);
        writer.Flush();
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
        foreach (var row in rows)
        {
            WriteLine(string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
        }
    }

    /// <summary>
    /// Begins to show the progress of an activity; <see cref="ProgressTrack.End"/> closes with a line that says how long it took.
    /// </summary>
    /// <param name="activity">What is done, such as <c>scoring</c>.</param>
    /// <param name="total">How many units there are.</param>
    /// <param name="unit">What is counted, in the plural: <c>pairs</c>, <c>steps</c>.</param>
    public ProgressTrack Track(string activity, long total, string unit) =>
        new(this, new ProgressLines(activity, total, unit, time), terminal, activity, total);
}
