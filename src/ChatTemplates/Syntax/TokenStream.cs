namespace OrtDpo.ChatTemplates.Syntax;

/// <summary>The tokens of a template, and where reading stands.</summary>
sealed class TokenStream(IReadOnlyList<Token> tokens)
{
    int at;

    public Token Current => tokens[at];

    public Token Following => tokens[Math.Min(at + 1, tokens.Count - 1)];

    /// <summary>Takes the current token; the end is never passed.</summary>
    public Token Take()
    {
        var token = tokens[at];
        at = Math.Min(at + 1, tokens.Count - 1);
        return token;
    }

    public bool TakeName(string name) => TakeIf(Current.IsName(name));

    public bool TakeOperator(string sign) => TakeIf(Current.IsOperator(sign));

    public Token Expect(TokenKind kind, string expected) => Current.Kind == kind ? Take() : throw Unexpected(expected);

    public void ExpectOperator(string sign)
    {
        if (!TakeOperator(sign))
        {
            throw Unexpected($"'{sign}'");
        }
    }

    public string ExpectName(string expected) => Expect(TokenKind.Name, expected).Text;

    public InvalidDataException Unexpected(string expected) =>
        Current.Place.Wrong($"found {Current.Description}, where {expected} is expected.");

    bool TakeIf(bool matches)
    {
        if (matches)
        {
            Take();
        }

        return matches;
    }
}
