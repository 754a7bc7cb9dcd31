using OrtDpo.ChatTemplates.Nodes;

namespace OrtDpo.ChatTemplates.Syntax;

/// <summary>
/// Reads a template: text, <c>{{ values }}</c> and the tags that published chat templates use. Other tags of Jinja are refused by name.
/// </summary>
sealed class TemplateParser
{
    const int DeepestNesting = 100;

    static readonly string[] LoopEnds = ["endfor", "else"];
    static readonly string[] BranchEnds = ["elif", "else", "endif"];

    readonly TokenStream tokens;
    readonly ExpressionParser expressions;
    int loops;
    int nesting;

    TemplateParser(IReadOnlyList<Token> tokens)
    {
        this.tokens = new TokenStream(tokens);
        expressions = new ExpressionParser(this.tokens);
    }

    /// <summary>The template's statements, and whether one of them asks for today's date.</summary>
    /// <exception cref="InvalidDataException">The template is no Jinja.</exception>
    /// <exception cref="NotSupportedException">The template uses a part of Jinja that the interpreter lacks.</exception>
    public static (Body Body, bool CallsDate) Parse(string name, string source)
    {
        var parser = new TemplateParser(TemplateLexer.Read(new TemplateText(name, source)));
        var body = parser.ReadBody();
        return (body, parser.expressions.CallsDate);
    }

    // Up to the end, or to a tag of one of the names, which stays the current token.
    Body ReadBody(params ReadOnlySpan<string> ends)
    {
        var opened = tokens.Current;
        if (++nesting > DeepestNesting)
        {
            throw opened.Place.Lacks($"blocks nested {DeepestNesting} deep");
        }

        var statements = new List<Statement>();
        for (var token = tokens.Take(); token.Kind != TokenKind.End; token = tokens.Take())
        {
            switch (token.Kind)
            {
                case TokenKind.Data:
                    statements.Add(new TextStatement(token.Text));
                    break;
                case TokenKind.VariableBegin:
                    statements.Add(new OutputStatement(expressions.ReadTuple()));
                    tokens.Expect(TokenKind.VariableEnd, "'}}'");
                    break;
                default:
                    if (tokens.Current.Kind == TokenKind.Name && ends.Contains(tokens.Current.Text))
                    {
                        nesting--;
                        return new Body(statements);
                    }

                    statements.Add(ReadStatement());
                    EndTag();
                    break;
            }
        }

        return ends.IsEmpty
            ? new Body(statements)
            : throw opened.Place.Wrong($"the block that begins here is not closed; expected '{{% {ends[^1]} %}}'.");
    }

    Statement ReadStatement()
    {
        var tag = tokens.Expect(TokenKind.Name, "a tag's name");
        return tag.Text switch
        {
            "break" or "continue" => ReadFlow(tag),
            "filter" => new FilterStatement(ReadFiltered(firstHasBar: false, "endfilter")),
            "for" => ReadFor(),
            "generation" => new ScopedStatement([], ReadInner("endgeneration")),
            "if" => ReadIf(),
            "macro" => ReadMacro(),
            "set" => ReadSet(),
            "with" => ReadWith(),
            _ when tag.Text.StartsWith("end", StringComparison.Ordinal) || tag.Text is "else" or "elif" =>
                throw tag.Place.Wrong($"'{tag.Text}' closes nothing here."),
            _ => throw tag.Place.Lacks($"the tag '{tag.Text}'"),
        };
    }

    FlowStatement ReadFlow(Token tag) => loops == 0
        ? throw tag.Place.Wrong($"'{tag.Text}' stands outside of a loop.")
        : new FlowStatement(tag.Text == "break" ? Flow.Break : Flow.Continue);

    IfStatement ReadIf()
    {
        var branches = new List<(Expression, Body)>();
        string end;
        do
        {
            var condition = expressions.ReadTuple(withCondition: false);
            OpenBody();
            branches.Add((condition, ReadBody(BranchEnds)));
            end = tokens.Take().Text;
        }
        while (end == "elif");
        return new IfStatement(branches, end == "else" ? ReadRest("endif") : Body.Empty);
    }

    ForStatement ReadFor()
    {
        var target = ReadTarget(withNamespace: false);
        if (!tokens.TakeName("in"))
        {
            throw tokens.Unexpected("'in'");
        }

        var sequence = expressions.ReadTuple(withCondition: false, "recursive");
        var condition = tokens.TakeName("if") ? expressions.ReadExpression() : null;
        if (tokens.Current.IsName("recursive"))
        {
            throw tokens.Current.Place.Lacks("a recursive loop");
        }

        OpenBody();
        loops++;
        var body = ReadBody(LoopEnds);
        loops--;
        return new ForStatement(target, sequence, condition, body, tokens.Take().Text == "else" ? ReadRest("endfor") : Body.Empty);
    }

    MacroStatement ReadMacro()
    {
        var name = tokens.ExpectName("a macro's name");
        tokens.ExpectOperator("(");
        var parameters = new List<(string Name, Expression? Default)>();
        while (!tokens.TakeOperator(")"))
        {
            if (parameters.Count > 0)
            {
                tokens.ExpectOperator(",");
            }

            var place = tokens.Current.Place;
            var parameter = tokens.ExpectName("a parameter's name");
            var standard = tokens.TakeOperator("=") ? expressions.ReadExpression() : null;
            parameters.Add(standard is not null || parameters.Count == 0 || parameters[^1].Default is null
                ? (parameter, standard)
                : throw place.Wrong($"the parameter '{parameter}' has no default and stands behind one that has."));
        }

        return new MacroStatement(name, parameters, ReadInner("endmacro"));
    }

    Statement ReadSet()
    {
        var target = ReadTarget(withNamespace: true);
        return tokens.TakeOperator("=")
            ? new SetStatement(target, expressions.ReadTuple())
            : new SetBlock(target, ReadFiltered(firstHasBar: true, "endset"));
    }

    ScopedStatement ReadWith()
    {
        var names = new List<(Target, Expression)>();
        while (tokens.Current.Kind != TokenKind.BlockEnd && !tokens.Current.IsOperator(":"))
        {
            if (names.Count > 0)
            {
                tokens.ExpectOperator(",");
            }

            var target = ReadOneTarget(withNamespace: false);
            tokens.ExpectOperator("=");
            names.Add((target, expressions.ReadExpression()));
        }

        return new ScopedStatement(names, ReadRest("endwith"));
    }

    FilteredBody ReadFiltered(bool firstHasBar, string end)
    {
        var filters = expressions.ReadBlockFilters(firstHasBar);
        return new FilteredBody(ReadInner(end), filters);
    }

    // A body that a loop outside cannot be left from.
    Body ReadInner(string end)
    {
        var outside = loops;
        loops = 0;
        var body = ReadRest(end);
        loops = outside;
        return body;
    }

    Body ReadRest(string end)
    {
        OpenBody();
        var body = ReadBody(end);
        tokens.Take();
        return body;
    }

    Target ReadTarget(bool withNamespace)
    {
        var place = tokens.Current.Place;
        var targets = new List<Target> { ReadOneTarget(withNamespace) };
        var isTuple = false;
        while (tokens.TakeOperator(","))
        {
            isTuple = true;
            if (tokens.Current.IsName("in") || (tokens.Current.Kind != TokenKind.Name && !tokens.Current.IsOperator("(")))
            {
                break;
            }

            targets.Add(ReadOneTarget(withNamespace));
        }

        return isTuple ? new TupleTarget(place, targets) : targets[0];
    }

    Target ReadOneTarget(bool withNamespace)
    {
        if (tokens.TakeOperator("("))
        {
            var inner = ReadTarget(withNamespace);
            tokens.ExpectOperator(")");
            return inner;
        }

        var (place, name) = (tokens.Current.Place, tokens.ExpectName("a name to set"));
        return name is "true" or "True" or "false" or "False" or "none" or "None" ? throw place.Wrong($"'{name}' cannot be set.")
            : withNamespace && tokens.TakeOperator(".") ? new NamespaceTarget(place, name, tokens.ExpectName("an attribute's name"))
            : new NameTarget(place, name);
    }

    // Python's colon may stand there.
    void OpenBody()
    {
        tokens.TakeOperator(":");
        EndTag();
    }

    void EndTag() => tokens.Expect(TokenKind.BlockEnd, "'%}'");
}
