namespace OrtDpo.ChatTemplates.Syntax;

enum TokenKind
{
    Data,
    BlockBegin,
    BlockEnd,
    VariableBegin,
    VariableEnd,
    Name,
    Text,
    Integer,
    Float,
    Operator,
    End,
}

/// <summary>One token; <paramref name="Text"/> is what it says (a literal's value, an operator's sign).</summary>
readonly record struct Token(TokenKind Kind, string Text, Place Place)
{
    public bool IsName(string name) => Kind == TokenKind.Name && Text == name;

    public bool IsOperator(string sign) => Kind == TokenKind.Operator && Text == sign;

    /// <summary>How messages name the token.</summary>
    public string Description => Kind switch
    {
        TokenKind.Data => "text",
        TokenKind.BlockBegin => "'{%'",
        TokenKind.BlockEnd => "'%}'",
        TokenKind.VariableBegin => "'{{'",
        TokenKind.VariableEnd => "'}}'",
        TokenKind.Text => $"the string '{Text}'",
        TokenKind.End => "the end of the template",
        _ => $"'{Text}'",
    };
}
