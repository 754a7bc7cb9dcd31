using System.Buffers;
using OrtDpo.ChatTemplates.Syntax;
using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Library;

/// <summary>Python's <c>split</c>, <c>rsplit</c> and <c>splitlines</c>.</summary>
static class TextSplits
{
    static readonly SearchValues<char> LineEnds = SearchValues.Create("\n\r\v\f\u001c\u001d\u001e\u0085\u2028\u2029");

    public static List<object?> Split(string text, Arguments arguments, bool fromEnd)
    {
        var values = arguments.Bind(required: 0, "sep", "maxsplit");
        var (separator, most) = (arguments.Text(values[0], "sep"), arguments.Number(values[1], "maxsplit") ?? -1);
        if (separator is "")
        {
            throw arguments.Place.Wrong("the separator is empty.");
        }

        var parts = (separator, fromEnd && most >= 0) switch
        {
            (null, false) => AtWhitespace(text, most),
            (null, true) => Mirrored(text, t => AtWhitespace(t, most)),
            (_, false) => At(text, separator, most),
            (_, true) => Mirrored(text, t => At(t, Mirror(separator), most)),
        };
        return [.. parts];
    }

    /// <summary>At each <paramref name="separator"/>, at most <paramref name="most"/> times where that is not negative.</summary>
    public static List<string> At(string text, string separator, long most)
    {
        var parts = new List<string>();
        var from = 0;
        for (var at = text.IndexOf(separator, StringComparison.Ordinal); at >= 0 && most != 0; most--)
        {
            parts.Add(text[from..at]);
            from = at + separator.Length;
            at = text.IndexOf(separator, from, StringComparison.Ordinal);
        }

        parts.Add(text[from..]);
        return parts;
    }

    /// <summary>The lines, of which the last has no end where the text ends with one.</summary>
    public static IEnumerable<string> Lines(string text, bool keepEnds)
    {
        for (var from = 0; from < text.Length;)
        {
            var length = text.AsSpan(from).IndexOfAny(LineEnds);
            var end = length < 0 ? text.Length : from + length;
            var next = length < 0 ? end : text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? end + 2 : end + 1;
            yield return text[from..(keepEnds ? next : end)];
            from = next;
        }
    }

    static List<string> AtWhitespace(string text, long most)
    {
        var parts = new List<string>();
        for (var from = Whitespace.Skip(text, 0); from < text.Length; most--)
        {
            var end = from;
            while (end < text.Length && !Whitespace.Is(text[end]))
            {
                end++;
            }

            parts.Add(most == 0 ? text[from..] : text[from..end]);
            from = most == 0 ? text.Length : Whitespace.Skip(text, end);
        }

        return parts;
    }

    // From the end is from the beginning of the text read backwards, by UTF-16 units, so that nothing is lost.
    static List<string> Mirrored(string text, Func<string, List<string>> split) => [.. split(Mirror(text)).Select(Mirror).Reverse()];

    static string Mirror(string text) => string.Concat(text.Reverse());
}
