using System.Globalization;
using System.Text;

namespace OrtDpo.ChatTemplates.Syntax;

/// <summary>The escapes of Python's string literals; an unknown one stays as it is written, backslash included.</summary>
static class StringLiteral
{
    public static string Unescape(string written, Place place)
    {
        if (!written.Contains('\\', StringComparison.Ordinal))
        {
            return written;
        }

        var text = new StringBuilder(written.Length);
        for (var i = 0; i < written.Length; i++)
        {
            if (written[i] == '\\')
            {
                i = Escape(written, i + 1, text, place);
            }
            else
            {
                text.Append(written[i]);
            }
        }

        return text.ToString();
    }

    // Appends what the escape at `at` (behind its backslash) stands for, and returns the place of its last character.
    static int Escape(string written, int at, StringBuilder text, Place place)
    {
        switch (written[at])
        {
            case '\n':
                return at;
            case 'x':
                return CodePoint(written, at, 2, text, place);
            case 'u':
                return CodePoint(written, at, 4, text, place);
            case 'U':
                return CodePoint(written, at, 8, text, place);
            case 'N' or (>= '0' and <= '7'):
                throw place.Lacks($"the escape '\\{written[at]}' in a string");
            default:
                var index = "\\'\"abfnrtv".IndexOf(written[at], StringComparison.Ordinal);
                text.Append(index < 0 ? $"\\{written[at]}" : "\\'\"\a\b\f\n\r\t\v"[index].ToString());
                return at;
        }
    }

    static int CodePoint(string written, int at, int digits, StringBuilder text, Place place)
    {
        var hex = written.AsSpan(at + 1, Math.Min(digits, written.Length - at - 1));
        if (hex.Length < digits || !uint.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            throw place.Wrong($"the escape '\\{written[at]}' needs {digits} hexadecimal digits.");
        }

        text.Append(Rune.IsValid(value)
            ? new Rune(value).ToString()
            : throw place.Wrong($"the escape '\\{written[at]}{hex}' is no character. "
                + "Write letters beyond the basic plane as \\U with 8 digits."));
        return at + digits;
    }
}
