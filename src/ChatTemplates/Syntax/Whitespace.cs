namespace OrtDpo.ChatTemplates.Syntax;

/// <summary>What Python's <c>str.isspace</c> calls whitespace: it has U+001C to U+001F, which .NET lacks.</summary>
static class Whitespace
{
    public const string All = "\t\n\v\f\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
        + "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

    static readonly char[] Characters = All.ToCharArray();

    public static bool Is(char c) => All.Contains(c, StringComparison.Ordinal);

    public static string Trim(string text) => text.Trim(Characters);

    public static string TrimStart(string text) => text.TrimStart(Characters);

    public static string TrimEnd(string text) => text.TrimEnd(Characters);

    /// <summary>The first place at or behind <paramref name="at"/> that is no whitespace.</summary>
    public static int Skip(string text, int at)
    {
        while (at < text.Length && Is(text[at]))
        {
            at++;
        }

        return at;
    }
}
