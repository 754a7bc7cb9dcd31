using System.Text;

namespace OrtDpo.Tokenizers.Patterns;

/// <summary>
/// A regular expression of the kind found in tokenizer files, matched over code points. .NET's own matches UTF-16 units, to which no letter
/// outside the first plane is a letter.
/// </summary>
sealed class Pattern
{
    readonly PatternNode start;

    Pattern(PatternNode start)
    {
        this.start = start;
    }

    /// <exception cref="NotSupportedException">The expression uses syntax that is not implemented, or can match nothing at all.</exception>
    public static Pattern Parse(string expression)
    {
        var start = new PatternParser(expression).Parse();
        return start.MinimumLength > 0
            ? new Pattern(start)
            : throw new NotSupportedException(
                $"The pattern '{expression}' can match the empty string, which is not supported in a tokenizer.");
    }

    /// <summary>A pattern that matches <paramref name="text"/> itself.</summary>
    public static Pattern Literal(string text)
    {
        PatternNode node = new AcceptNode();
        foreach (var rune in text.EnumerateRunes().Reverse())
        {
            node = new RepeatNode(new CodePointSet(c => c == rune.Value), 1, 1, false, node);
        }

        return new Pattern(node);
    }

    /// <summary>A pattern that matches one code point of a class.</summary>
    public static Pattern One(Func<int, bool> contains) => new(new RepeatNode(new CodePointSet(contains), 1, 1, false, new AcceptNode()));

    /// <summary>A pattern that matches a run of a class, as long as it is.</summary>
    public static Pattern Run(Func<int, bool> contains) =>
        new(new RepeatNode(new CodePointSet(contains), 1, int.MaxValue, true, new AcceptNode()));

    /// <summary>A pattern that matches what the first of <paramref name="patterns"/> does that matches at all.</summary>
    public static Pattern Alternatives(params Pattern[] patterns) => new(new AlternationNode([.. patterns.Select(p => p.start)]));

    /// <summary>Finds the first match at or after <paramref name="from"/>.</summary>
    public bool Find(ReadOnlySpan<char> text, int from, out int matchStart, out int matchEnd)
    {
        for (matchStart = from; matchStart < text.Length;)
        {
            matchEnd = start.Match(text, matchStart);
            if (matchEnd >= 0)
            {
                return true;
            }

            Rune.DecodeFromUtf16(text[matchStart..], out _, out var units);
            matchStart += units;
        }

        matchEnd = -1;
        return false;
    }
}
