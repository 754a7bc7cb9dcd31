using System.Text.RegularExpressions;

namespace OrtDpo.ChatTemplates.Syntax;

/// <summary>Cuts the inside of one tag into tokens.</summary>
sealed partial class ExpressionLexer(TemplateText source, List<Token> tokens)
{
    // Two signs before one, so that the longest is found.
    static readonly string[] Operators =
    [
        "//", "**", "==", "!=", ">=", "<=",
        "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";",
    ];

    // Long sums and chains are evaluated as deep as they are long.
    const int LongestTag = 5_000;

    readonly string text = source.Text;

    /// <summary>Reads to the end of the tag, whitespace that the end takes included; returns the place behind it.</summary>
    public int Read(int at, int open, bool isVariable)
    {
        var close = isVariable ? "}}" : "%}";
        var brackets = new Stack<char>();
        var first = tokens.Count;
        while (true)
        {
            at = Whitespace.Skip(text, at);
            if (tokens.Count - first > LongestTag)
            {
                throw source.At(open).Lacks($"a tag of more than {LongestTag} tokens");
            }

            if (at == text.Length)
            {
                throw source.At(open).Wrong($"this tag is not closed; expected '{close}'.");
            }

            if (brackets.Count == 0 && End(at, close, isVariable) is { } end)
            {
                tokens.Add(new Token(isVariable ? TokenKind.VariableEnd : TokenKind.BlockEnd, "", source.At(at)));
                return end;
            }

            at = ReadToken(at, brackets);
        }
    }

    int? End(int at, string close, bool isVariable)
    {
        var rest = text.AsSpan(at);
        if (rest[0] == '-' && rest[1..].StartsWith(close))
        {
            return Whitespace.Skip(text, at + 3);
        }

        if (!isVariable && rest[0] == '+' && rest[1..].StartsWith(close))
        {
            return at + 3;
        }

        return !rest.StartsWith(close) ? null : !isVariable && rest.Length > 2 && rest[2] == '\n' ? at + 3 : at + 2;
    }

    int ReadToken(int at, Stack<char> brackets)
    {
        var c = text[at];
        if (char.IsAsciiDigit(c))
        {
            return ReadNumber(at);
        }

        if (char.IsLetter(c) || c == '_')
        {
            var end = at + 1;
            while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '_'))
            {
                end++;
            }

            return Add(TokenKind.Name, text[at..end], at, end);
        }

        return c is '\'' or '"' ? ReadText(at) : ReadOperator(at, brackets);
    }

    int ReadNumber(int at)
    {
        var isIndex = text[at - 1] == '.';
        var number = isIndex ? Match.Empty : Float().Match(text, at);
        if (number.Success)
        {
            return Add(TokenKind.Float, number.Value.Replace("_", "", StringComparison.Ordinal), at, at + number.Length);
        }

        var digits = Integer().Match(text, at);
        if (digits.Value is "0" && at + 1 < text.Length && text[at + 1] is 'x' or 'X' or 'o' or 'O' or 'b' or 'B')
        {
            throw source.At(at).Lacks("a number that is not written in decimal digits");
        }

        return Add(TokenKind.Integer, digits.Value.Replace("_", "", StringComparison.Ordinal), at, at + digits.Length);
    }

    int ReadText(int at)
    {
        var end = at + 1;
        while (end < text.Length && text[end] != text[at])
        {
            end += text[end] == '\\' ? 2 : 1;
        }

        return end < text.Length
            ? Add(TokenKind.Text, StringLiteral.Unescape(text[(at + 1)..end], source.At(at)), at, end + 1)
            : throw source.At(at).Wrong("this string is not closed.");
    }

    int ReadOperator(int at, Stack<char> brackets)
    {
        var sign = Array.Find(Operators, o => text.AsSpan(at).StartsWith(o))
            ?? throw source.At(at).Wrong($"the character '{text[at]}' is no part of an expression.");
        switch (sign)
        {
            case "(" or "[" or "{":
                brackets.Push(sign switch { "(" => ')', "[" => ']', _ => '}' });
                break;
            case ")" or "]" or "}":
                if (!brackets.TryPop(out var expected) || expected != sign[0])
                {
                    throw source.At(at).Wrong($"'{sign}' closes nothing here{(expected == 0 ? "" : $"; expected '{expected}'")}.");
                }

                break;
        }

        return Add(TokenKind.Operator, sign, at, at + sign.Length);
    }

    int Add(TokenKind kind, string value, int at, int end)
    {
        tokens.Add(new Token(kind, value, source.At(at)));
        return end;
    }

    [GeneratedRegex(@"\G[0-9]+(_[0-9]+)*((\.[0-9]+(_[0-9]+)*)?[eE][+-]?[0-9]+(_[0-9]+)*|\.[0-9]+(_[0-9]+)*)")]
    private static partial Regex Float();

    [GeneratedRegex(@"\G[0-9]+(_[0-9]+)*")]
    private static partial Regex Integer();
}
