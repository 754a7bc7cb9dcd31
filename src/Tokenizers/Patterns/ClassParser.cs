using System.Text;

namespace OrtDpo.Tokenizers.Patterns;

/// <summary>Reads what stands for one code point: a literal, an escape or a class in brackets.</summary>
sealed class ClassParser(string expression)
{
    public Func<int, bool> Atom(ref int at, bool ignoreCase)
    {
        switch (expression[at])
        {
            case '[':
                return Bracket(ref at, ignoreCase);
            case '\\':
                return Escape(ref at, ignoreCase, CharacterClasses.IsPatternWord);
            case '.':
                at++;
                return c => c != '\n';
            case '^' or '$' or '?' or '*' or '+':
                throw Unsupported(at, $"'{expression[at]}' here");
            default:
                return Literal(Take(ref at), ignoreCase, at);
        }
    }

    public NotSupportedException Unsupported(int at, string what) =>
        new($"The pattern '{expression}' has {what} at position {at}, which is not supported in a tokenizer.");

    Func<int, bool> Bracket(ref int at, bool ignoreCase)
    {
        var open = at++;
        var negated = at < expression.Length && expression[at] == '^';
        at += negated ? 1 : 0;
        var items = new List<Func<int, bool>>();
        while (at < expression.Length && expression[at] != ']')
        {
            if (expression[at] == '[' || expression.AsSpan(at).StartsWith("&&"))
            {
                throw Unsupported(at, "a class within a class or an intersection");
            }

            items.Add(Item(ref at, ignoreCase));
        }

        if (at == expression.Length || items.Count == 0)
        {
            throw Unsupported(open, "an empty or unclosed class");
        }

        at++;
        return c => items.Exists(contains => contains(c)) != negated;
    }

    Func<int, bool> Item(ref int at, bool ignoreCase)
    {
        var single = expression[at] == '\\' ? EscapedLiteral(at) : null;
        if (expression[at] == '\\' && single is null)
        {
            return Escape(ref at, ignoreCase, CharacterClasses.IsBracketWord);
        }

        var first = single ?? Take(ref at);
        at += single is null ? 0 : 2;
        if (at + 1 >= expression.Length || expression[at] != '-' || expression[at + 1] == ']')
        {
            return Literal(first, ignoreCase, at);
        }

        at++;
        var last = expression[at] == '\\' ? EscapedLiteral(at) ?? throw Unsupported(at, "this end of a range") : -1;
        if (last < 0)
        {
            last = Take(ref at);
        }
        else
        {
            at += 2;
        }

        return ignoreCase ? throw Unsupported(at, "a range where case is ignored") : c => c >= first && c <= last;
    }

    Func<int, bool> Escape(ref int at, bool ignoreCase, Func<int, bool> word)
    {
        var start = at;
        if (EscapedLiteral(at) is { } literal)
        {
            at += 2;
            return Literal(literal, ignoreCase, at);
        }

        var kind = at + 1 < expression.Length ? expression[at + 1] : '\0';
        at += 2;
        if (kind is 'p' or 'P')
        {
            var close = at < expression.Length && expression[at] == '{' ? expression.IndexOf('}', at) : -1;
            var name = close < 0 ? "" : expression[(at + 1)..close];
            var property = CharacterClasses.Property(name) ?? throw Unsupported(start, $"the property '{name}'");
            at = close + 1;
            return kind == 'p' ? property : c => !property(c);
        }

        var digit = CharacterClasses.Property("Nd")!;
        return kind switch
        {
            's' => CharacterClasses.IsWhiteSpace,
            'S' => c => !CharacterClasses.IsWhiteSpace(c),
            'w' => word,
            'W' => c => !word(c),
            'd' => digit,
            'D' => c => !digit(c),
            _ => throw Unsupported(start, $"the escape '\\{kind}'"),
        };
    }

    // The code point of an escape that stands for a single one, else null.
    int? EscapedLiteral(int at) => at + 1 == expression.Length ? null : expression[at + 1] switch
    {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'f' => '\f',
        'v' => '\v',
        var c when c < 0x80 && !char.IsAsciiLetterOrDigit(c) => c,
        _ => null,
    };

    Func<int, bool> Literal(int codePoint, bool ignoreCase, int at)
    {
        if (!ignoreCase)
        {
            return c => c == codePoint;
        }

        var variants = codePoint < 0x80 || !CharacterClasses.IsWord(codePoint) ? CharacterClasses.CaseVariants(codePoint)
            : throw Unsupported(at, "a letter outside ASCII where case is ignored");
        return c => variants.Contains(c);
    }

    int Take(ref int at)
    {
        var rune = Rune.GetRuneAt(expression, at);
        at += rune.Utf16SequenceLength;
        return rune.Value;
    }
}
