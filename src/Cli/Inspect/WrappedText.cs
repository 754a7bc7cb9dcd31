using System.Globalization;

namespace OrtDpo.Cli.Inspect;

/// <summary>Text in lines that a terminal holds, broken at spaces; lines behind the first are indented.</summary>
static class WrappedText
{
    const int Width = 110;
    const string Indent = "  ";

    // A text of more characters is shown in part.
    const int Most = 900;
    const int Beginning = 400;
    const int End = 200;

    internal static IEnumerable<string> Lines(string text)
    {
        var indent = "";
        while (indent.Length + text.Length > Width)
        {
            var room = Width - indent.Length;
            var space = text.LastIndexOf(' ', room);
            // A word that is longer than a line stays whole: ids and paths are copied.
            space = space > 0 ? space : text.IndexOf(' ', room);
            if (space < 0)
            {
                break;
            }

            yield return indent + text[..space].TrimEnd();
            text = text[(space + 1)..];
            indent = Indent;
        }

        yield return indent + text;
    }

    /// <summary>Beginning and end of a long text, and how much lies between.</summary>
    internal static string Shortened(string text)
    {
        if (text.Length <= Most)
        {
            return text;
        }

        // Both halves of a surrogate pair stay on one side.
        var start = Beginning - (char.IsHighSurrogate(text[Beginning - 1]) ? 1 : 0);
        var end = text.Length - End + (char.IsLowSurrogate(text[^End]) ? 1 : 0);
        return string.Create(CultureInfo.InvariantCulture, $"{text[..start]} … ({end - start} characters) … {text[end..]}");
    }
}
