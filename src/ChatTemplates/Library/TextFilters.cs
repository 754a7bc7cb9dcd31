using System.Text.RegularExpressions;
using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Library;

/// <summary>Filters that write text. What they are given becomes text first.</summary>
static partial class TextFilters
{
    public static string Soft(object? value, Arguments arguments) => value is Markup
        ? throw arguments.Place.Lacks($"{arguments.Called} of a value marked by 'safe'")
        : PythonText.Of(value);

    /// <summary>The lines behind the first one moved to the right, empty ones only if <c>blank</c> says so.</summary>
    public static object? Indent(object? value, Arguments arguments)
    {
        var given = arguments.Bind(required: 0, "width", "first", "blank");
        var indention = given[0] as string ?? new string(' ', (int)(arguments.Number(given[0], "width") ?? 4));
        var (first, blank) = (Arguments.Flag(given[1]), Arguments.Flag(given[2]));

        // Python adds a line end before it cuts the lines, so that a last one stays.
        var lines = TextSplits.Lines(Soft(value, arguments) + "\n", keepEnds: false);
        var indented = string.Join('\n', lines.Select((line, i) => i == 0 || (line.Length == 0 && !blank) ? line : indention + line));
        return first ? indention + indented : indented;
    }

    public static object? Join(object? value, Arguments arguments)
    {
        var given = arguments.Bind(required: 0, "d", "attribute");
        var separator = given[0] == Arguments.Absent ? "" : PythonText.Of(given[0]);
        var items = PythonValue.Items(value, arguments.Place);
        return string.Join(separator, items.Select(AttributePath.Of(given[1], arguments)).Select(PythonText.Of));
    }

    public static object? Replace(object? value, Arguments arguments)
    {
        var given = arguments.Bind(required: 2, "old", "new", "count");
        var (old, replacement) = (PythonText.Of(given[0]), PythonText.Of(given[1]));
        return TextMethods.Replace(PythonText.Of(value), old, replacement, arguments.Number(given[2], "count") ?? -1);
    }

    /// <summary>Words large at their beginning, where a word begins behind whitespace, a hyphen or an opening bracket.</summary>
    public static object? Title(object? value, Arguments arguments) => string.Concat(WordStarts().Split(Soft(value, arguments))
        .Where(part => part.Length > 0)
        .Select(part => char.IsSurrogate(part[0])
            ? throw arguments.Place.Lacks("'title' on letters beyond the basic plane")
            : TextCase.Upper(part[..1], arguments.Place) + TextCase.Lower(part[1..], arguments.Place)));

    [GeneratedRegex(@"([-\s\x1c-\x1f({\[<]+)")]
    private static partial Regex WordStarts();
}
