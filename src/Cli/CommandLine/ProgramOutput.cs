using Spectre.Console;

namespace OrtDpo.Cli.CommandLine;

/// <summary>What a program says on stdout: lines, tables, and progress, which is a bar on a terminal and plain lines elsewhere.</summary>
public sealed class ProgramOutput
{
    readonly TextWriter writer;
    readonly IAnsiConsole? terminal;
    readonly Func<TerminalSize>? size;

    // How lines are written while a panel is shown. Set by the program's thread; that of a signal may write a line.
    volatile Action<string>? above;

    /// <summary>An output without a terminal.</summary>
    public ProgramOutput(TextWriter writer, TimeProvider time)
        : this(writer, terminal: null, size: null, time)
    {
    }

    /// <summary>An output on a terminal that is not the console's.</summary>
    internal ProgramOutput(TextWriter writer, Func<TerminalSize> size, TimeProvider time)
        : this(writer, terminal: null, size, time)
    {
    }

    ProgramOutput(TextWriter writer, IAnsiConsole? terminal, Func<TerminalSize>? size, TimeProvider time)
    {
        this.writer = writer;
        this.terminal = terminal;
        this.size = size;
        Time = time;
    }

    /// <summary>The output on <paramref name="writer"/>; with a bar where that is the console and the console is a terminal.</summary>
    public static ProgramOutput For(TextWriter writer)
    {
        var isTerminal = writer == Console.Out && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;
        return isTerminal
            ? new ProgramOutput(writer, AnsiConsole.Console, () => TerminalSize.Of(AnsiConsole.Profile), TimeProvider.System)
            : new ProgramOutput(writer, TimeProvider.System);
    }

    /// <summary>The same for what is no result: where it cannot be written, as to a log on a full disk, the program goes on.</summary>
    public ProgramOutput Forgiving() => new(new ForgivingWriter(writer), terminal, size, Time);

    /// <summary>Whether somebody reads along.</summary>
    public bool IsTerminal => size is not null;

    /// <summary>The clock by which progress is shown.</summary>
    public TimeProvider Time { get; }

    /// <summary>Writes a part of a line, which is there at once; while no bar is shown.</summary>
    public void Write(string part)
    {
        writer.Write(part);
        writer.Flush();
    }

    /// <summary>Writes one line; while a bar or a panel is shown, above it.</summary>
    public void WriteLine(string line = "")
    {
        if (above is { } write)
        {
            write(line);
        }
        else if (terminal is null)
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
        new(this, new ProgressLines(activity, total, unit, Time), terminal, activity, total);

    /// <summary>Shows a panel of lines below what is written, until <see cref="Hide"/>; null: there is no terminal.</summary>
    /// <param name="draw">Its lines, for a size of the terminal.</param>
    internal LivePanel? ShowPanel(Func<TerminalSize, IReadOnlyList<string>> draw)
    {
        if (size is null)
        {
            return null;
        }

        var panel = new LivePanel(writer, size, draw, Time);
        above = panel.WriteAbove;
        return panel;
    }

    /// <summary>Takes a panel away.</summary>
    internal void Hide(LivePanel panel)
    {
        panel.Dispose();
        above = null;
    }
}
