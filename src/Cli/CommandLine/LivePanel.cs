using System.Globalization;
using System.Text;

namespace OrtDpo.Cli.CommandLine;

/// <summary>
/// A few lines at the lower end of a terminal's text that are drawn again and again; what is said meanwhile goes above them. Every change
/// is one write, so that no half of it is seen. The cursor stays visible, on the row below, where what follows the program begins: nothing
/// need be restored, however it ends.
/// </summary>
sealed class LivePanel : IDisposable
{
    // A terminal that knows the mode shows what lies between the two at once; another one passes over it.
    const string BeginUpdate = "\e[?2026h";
    const string EndUpdate = "\e[?2026l";
    const string ClearLine = "\e[K";
    const string ClearBelow = "\e[J";

    // As often as eyes can follow, and often enough for a clock.
    static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    readonly Lock access = new();
    readonly TextWriter writer;
    readonly Func<TerminalSize> size;
    readonly Func<TerminalSize, IReadOnlyList<string>> draw;
    readonly TimeProvider time;
    readonly ITimer timer;
    IReadOnlyList<string> shown = [];
    long lastDrawn;
    bool isOver;

    /// <summary>Shows a panel at once.</summary>
    /// <param name="writer">The terminal, whose cursor is at the beginning of a row.</param>
    /// <param name="size">Its size now.</param>
    /// <param name="draw">
    /// The lines for a size, within <see cref="Update"/> or at any time between; they take one column a character.
    /// </param>
    /// <param name="time">Says when it is drawn again.</param>
    public LivePanel(
        TextWriter writer, Func<TerminalSize> size, Func<TerminalSize, IReadOnlyList<string>> draw, TimeProvider time)
    {
        this.writer = writer;
        this.size = size;
        this.draw = draw;
        this.time = time;
        timer = time.CreateTimer(_ => Redraw(), null, Longest, Longest);
        Redraw();
    }

    /// <summary>Changes what is drawn, and draws it if it was not drawn just now.</summary>
    public void Update(Action change)
    {
        lock (access)
        {
            change();
            if (time.GetElapsedTime(lastDrawn) >= Shortest)
            {
                Paint("");
            }
        }
    }

    /// <summary>Writes a line above the panel.</summary>
    public void WriteAbove(string line)
    {
        lock (access)
        {
            // Cleared before it is written: behind a row that is full, a terminal clears its last column.
            var text = line.ReplaceLineEndings("\r\n") + "\r\n";
            if (isOver)
            {
                Write(text);
            }
            else
            {
                Paint(ClearBelow + text);
            }
        }
    }

    /// <summary>Takes the panel away.</summary>
    public void Dispose()
    {
        timer.Dispose();
        lock (access)
        {
            if (isOver)
            {
                return;
            }

            Write(ToTop(size().Width) + ClearBelow);
            isOver = true;
        }
    }

    void Redraw()
    {
        lock (access)
        {
            Paint("");
        }
    }

    void Paint(string above)
    {
        if (isOver)
        {
            return;
        }

        lastDrawn = time.GetTimestamp();
        var now = size();
        var text = new StringBuilder(BeginUpdate).Append(ToTop(now.Width)).Append(above);
        // A row is left for the cursor, and the last column, behind which some terminals begin a row of their own.
        var (width, height) = (Math.Max(1, now.Width - 1), Math.Max(0, now.Height - 1));
        shown = [.. draw(now with { Width = width, Height = height }).Take(height)
            .Select(line => line.Length <= width ? line : line[..width])];
        foreach (var line in shown)
        {
            text.Append(line).Append(ClearLine).Append("\r\n");
        }

        Write(text.Append(ClearBelow).Append(EndUpdate).ToString());
    }

    // A terminal that has become narrower has broken the rows that were longer.
    string ToTop(int width)
    {
        var rows = shown.Sum(line => Math.Max(1, (line.Length - 1 + width) / width));
        return rows == 0 ? "\r" : string.Create(CultureInfo.InvariantCulture, $"\r\e[{rows}A");
    }

    void Write(string text)
    {
        try
        {
            writer.Write(text);
            writer.Flush();
        }
        catch (IOException)
        {
            // The terminal was closed. The run is told by a signal, and what it says then goes nowhere either.
            isOver = true;
        }
    }
}
