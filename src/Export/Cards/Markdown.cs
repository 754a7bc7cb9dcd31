using System.Text;

namespace OrtDpo.Export.Cards;

/// <summary>Text and tables of Markdown.</summary>
static class Markdown
{
    /// <summary>A text that says itself: what Markdown or HTML would read in it has a backslash, line ends are spaces.</summary>
    public static string Text(string text)
    {
        var result = new StringBuilder();
        foreach (var character in text)
        {
            if (char.IsControl(character))
            {
                result.Append(' ');
                continue;
            }

            if (char.IsAscii(character) && !char.IsLetterOrDigit(character) && character is not (' ' or '.' or ',' or '/'))
            {
                result.Append('\\');
            }

            result.Append(character);
        }

        return result.ToString();
    }

    /// <summary>A table of two columns, whose cells are Markdown already.</summary>
    public static string Table(string left, string right, IEnumerable<(string Left, string Right)> rows) =>
        $"| {left} | {right} |\n|---|---|\n" + string.Concat(rows.Select(row => $"| {row.Left} | {row.Right} |\n"));
}
