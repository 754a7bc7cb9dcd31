namespace OrtDpo.ChatTemplates.Syntax;

/// <summary>
/// What the renderer of ONNX Runtime GenAI 0.18 lacks of the Jinja that is read here, or reads otherwise: measured construct by construct
/// (tests/GenAI.Tests). Found in the tokens, so that a construct counts also where it is never reached.
/// </summary>
static class GenAiLacks
{
    // What it has, and reads as Jinja does.
    static readonly HashSet<string> Filters =
    [
        "count", "default", "dictsort", "indent", "int", "items", "join", "last", "length", "list", "lower", "map", "reject", "rejectattr",
        "safe", "select", "selectattr", "sort", "string", "tojson", "trim", "unique",
    ];

    static readonly HashSet<string> Tests =
    [
        "boolean", "defined", "false", "float", "integer", "iterable", "mapping", "none", "number", "string", "true", "undefined",
    ];

    static readonly HashSet<string> Methods =
        ["capitalize", "cycle", "endswith", "get", "items", "lstrip", "rstrip", "split", "startswith", "strip", "title"];

    static readonly HashSet<string> Tags = ["break", "continue", "elif", "else", "for", "generation", "if", "macro", "set"];

    // Filters that are functions too, which 'map' knows as such.
    static readonly HashSet<string> Mapped = ["lower", "tojson", "trim"];

    static readonly HashSet<string> OfJson = ["ensure_ascii", "separators", "sort_keys"];

    static readonly HashSet<string> Selections = ["reject", "rejectattr", "select", "selectattr"];

    // Those by which its filters select.
    static readonly HashSet<string> SelectionTests = ["==", "equalto", "string"];

    public static IEnumerable<string> In(IReadOnlyList<Token> tokens) =>
        Enumerable.Range(1, Math.Max(0, tokens.Count - 2)).Select(i => Lack(tokens, i)).OfType<string>().Distinct();

    static string? Lack(IReadOnlyList<Token> tokens, int i)
    {
        var (before, token, after) = (tokens[i - 1], tokens[i], tokens[i + 1]);
        var what = token.Kind switch
        {
            TokenKind.Name when before.IsOperator("|") && !Filters.Contains(token.Text) => $"the filter '{token.Text}'",
            TokenKind.Name when before.IsOperator("|") && Selections.Contains(token.Text) => Selection(tokens, i),
            TokenKind.Name when before.IsOperator("|") && token.Text == "int" && after.IsOperator("(") => "the filter 'int' with a default",
            TokenKind.Name when OfJson.Contains(token.Text) && after.IsOperator("=") => $"'{token.Text}' of the filter 'tojson'",
            TokenKind.Name when IsTest(tokens, i) && token.Text != "not" && !Tests.Contains(token.Text) => $"the test '{token.Text}'",
            TokenKind.Name when before.IsOperator(".") && after.IsOperator("(") && !Methods.Contains(token.Text) =>
                $"the method '{token.Text}'",
            TokenKind.Name when token.Text == "split" && before.IsOperator(".") && after.IsOperator("(") && Arguments(tokens, i + 1) != 1 =>
                "the method 'split' with other than one argument",
            TokenKind.Name when before.Kind == TokenKind.BlockBegin && !Tags.Contains(token.Text) && !IsEnd(token.Text) =>
                $"the tag '{token.Text}'",
            TokenKind.Name when before.IsName("set") && tokens[Math.Max(0, i - 2)].Kind == TokenKind.BlockBegin && after.IsOperator(",") =>
                "the tag 'set' of several names",
            TokenKind.Name when token.Text == "dict" && after.IsOperator("(") => "the function 'dict'",
            TokenKind.Text when before.IsOperator("(") && i > 1 && tokens[i - 2].IsName("map") && !Mapped.Contains(token.Text) =>
                $"the filter '{token.Text}'",
            TokenKind.Text when IsOfText(token.Text) && (after.IsName("in") || (after.IsName("not") && tokens[i + 2].IsName("in"))) =>
                "the operator 'in' of a text",
            TokenKind.Operator when token.Text is "**" or "/" => $"the operator '{token.Text}'",
            _ => null,
        };
        return what is null ? null : FormattableString.Invariant($"{what} (line {token.Place.Line})");
    }

    // By the truth of what is selected, or by a test that its filters do not know.
    static string? Selection(IReadOnlyList<Token> tokens, int at)
    {
        // The test is the first argument, or the second where the first is the attribute.
        var place = at + (tokens[at].Text.EndsWith("attr", StringComparison.Ordinal) ? 4 : 2);
        var test = place < tokens.Count && tokens[at + 1].IsOperator("(") && tokens[place].Kind == TokenKind.Text
            ? tokens[place].Text
            : null;
        return test is null ? $"the filter '{tokens[at].Text}' without a test"
            : SelectionTests.Contains(test) ? null
            : $"the test '{test}' of the filter '{tokens[at].Text}'";
    }

    static bool IsEnd(string tag) => tag.StartsWith("end", StringComparison.Ordinal);

    static bool IsTest(IReadOnlyList<Token> tokens, int i) =>
        tokens[i - 1].IsName("is") || (tokens[i - 1].IsName("not") && i > 1 && tokens[i - 2].IsName("is"));

    // What is no word is looked for in a text, and not among the members of a message.
    static bool IsOfText(string text) => !text.All(character => char.IsLetterOrDigit(character) || character == '_');

    // How many there are in the brackets that open at `at`.
    static int Arguments(IReadOnlyList<Token> tokens, int at)
    {
        if (tokens[at + 1].IsOperator(")"))
        {
            return 0;
        }

        var (count, depth) = (1, 0);
        for (var i = at; i < tokens.Count; i++)
        {
            if (tokens[i].Kind != TokenKind.Operator)
            {
                continue;
            }

            depth += tokens[i].Text switch { "(" or "[" or "{" => 1, ")" or "]" or "}" => -1, _ => 0 };
            if (depth == 0)
            {
                return count;
            }

            count += depth == 1 && tokens[i].Text == "," ? 1 : 0;
        }

        return count;
    }
}
