namespace OrtDpo.Core.Text.Patterns;

/// <summary>Steps over code points in well-formed UTF-16.</summary>
static class CodePoints
{
    /// <summary>The code point that begins at <paramref name="at"/>.</summary>
    public static int At(ReadOnlySpan<char> text, int at)
    {
        var unit = text[at];
        return char.IsHighSurrogate(unit) ? char.ConvertToUtf32(unit, text[at + 1]) : unit;
    }

    /// <summary>UTF-16 units of <paramref name="codePoint"/>.</summary>
    public static int Units(int codePoint) => codePoint < 0x10000 ? 1 : 2;

    /// <summary>Where the code point before <paramref name="at"/> begins.</summary>
    public static int Before(ReadOnlySpan<char> text, int at) => char.IsLowSurrogate(text[at - 1]) ? at - 2 : at - 1;

    /// <summary>
    /// <paramref name="text"/> with each lone surrogate replaced by U+FFFD: what its UTF-8 form holds, and all that a model can have seen.
    /// </summary>
    public static string WellFormed(string text)
    {
        var units = text.AsSpan();
        var at = 0;
        while (at < units.Length && !IsLone(units, at))
        {
            at++;
        }

        if (at == units.Length)
        {
            return text;
        }

        return string.Create(text.Length, text, static (target, source) =>
        {
            for (var i = 0; i < target.Length; i++)
            {
                target[i] = IsLone(source, i) ? '\uFFFD' : source[i];
            }
        });
    }

    static bool IsLone(ReadOnlySpan<char> text, int at) =>
        char.IsHighSurrogate(text[at]) ? at + 1 == text.Length || !char.IsLowSurrogate(text[at + 1])
        : char.IsLowSurrogate(text[at]) && (at == 0 || !char.IsHighSurrogate(text[at - 1]));
}
