using System.Globalization;
using System.Text;

namespace OrtDpo.Cli.Tests.CommandLine;

/// <summary>
/// A terminal as far as a panel needs one: rows that wrap and scroll, the few control sequences that move and clear, and rows that break
/// anew when it becomes narrower or wider, as current terminals do. What it does not know is a fault.
/// </summary>
sealed class TerminalScreen(int width, int height)
{
    readonly List<Row> rows = [new()];
    int row;
    int column;

    /// <summary>Whether the cursor stands behind the last column: the next character begins a row.</summary>
    bool isPending;

    public int Width { get; private set; } = width;

    /// <summary>All rows, those that have scrolled away among them, without what is empty at the end.</summary>
    public IReadOnlyList<string> Text
    {
        get
        {
            var text = rows.Select(one => one.Text.ToString().TrimEnd()).ToList();
            while (text is [.., ""])
            {
                text.RemoveAt(text.Count - 1);
            }

            return text;
        }
    }

    /// <summary>The rows that are seen.</summary>
    public IEnumerable<string> Seen => rows.Skip(Math.Max(0, rows.Count - height)).Select(one => one.Text.ToString().TrimEnd());

    /// <summary>The cursor's row among all, and its column.</summary>
    public (int Row, int Column) Cursor => (row, column);

    public void Write(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\r':
                    (column, isPending) = (0, false);
                    break;
                case '\n':
                    Down();
                    break;
                case '\e':
                    var end = i + 2;
                    while (!char.IsAsciiLetter(text[end]))
                    {
                        end++;
                    }

                    Control(text[(i + 2)..end], text[end]);
                    i = end;
                    break;
                default:
                    Put(text[i]);
                    break;
            }
        }
    }

    /// <summary>Becomes so wide: rows that ran on in the next are joined and broken anew, and the cursor stays at its character.</summary>
    public void Resize(int to)
    {
        var (broken, target) = (new List<Row>(), (Row: 0, Column: 0));
        for (var first = 0; first < rows.Count;)
        {
            var last = first;
            var line = new StringBuilder(rows[first].Text.ToString());
            while (rows[last].RunsOn && last + 1 < rows.Count)
            {
                line.Append(rows[++last].Text);
            }

            if (row >= first && row <= last)
            {
                var at = (((row - first) * Width) + column) / to;
                target = (broken.Count + at, (((row - first) * Width) + column) % to);
            }

            for (var start = 0; start == 0 || start < line.Length; start += to)
            {
                var part = line.ToString(start, Math.Min(to, line.Length - start));
                broken.Add(new Row { RunsOn = start + to < line.Length });
                broken[^1].Text.Append(part);
            }

            first = last + 1;
        }

        rows.Clear();
        rows.AddRange(broken);
        (Width, row, column, isPending) = (to, Math.Min(target.Row, rows.Count - 1), target.Column, false);
    }

    void Put(char character)
    {
        if (isPending)
        {
            rows[row].RunsOn = true;
            column = 0;
            isPending = false;
            Down();
        }

        var text = rows[row].Text;
        while (text.Length <= column)
        {
            text.Append(' ');
        }

        text[column] = character;
        isPending = column == Width - 1;
        column += isPending ? 0 : 1;
    }

    void Down()
    {
        row++;
        if (row == rows.Count)
        {
            rows.Add(new Row());
        }
    }

    void Control(string arguments, char name)
    {
        switch (name)
        {
            case 'A':
                // Not beyond the upper edge of what is seen.
                row = Math.Max(row - int.Parse(arguments, CultureInfo.InvariantCulture), Math.Max(0, rows.Count - height));
                isPending = false;
                break;
            case 'K' when arguments.Length == 0:
                Clear(rows[row]);
                break;
            case 'J' when arguments.Length == 0:
                Clear(rows[row]);
                rows.RemoveRange(row + 1, rows.Count - row - 1);
                break;
            case 'h' or 'l' when arguments == "?2026":
                break;
            default:
                throw new InvalidOperationException($"The terminal does not know ESC [ {arguments} {name}.");
        }
    }

    // From the cursor on, the last column too where the cursor waits behind it.
    void Clear(Row cleared)
    {
        cleared.Text.Length = Math.Min(cleared.Text.Length, column);
        cleared.RunsOn = false;
    }

    sealed class Row
    {
        public StringBuilder Text { get; } = new();

        public bool RunsOn { get; set; }
    }
}
