using System.Globalization;
using OrtDpo.ChatTemplates.Nodes;

namespace OrtDpo.ChatTemplates.Syntax;

/// <summary>
/// Reads expressions with Jinja's precedence: condition, or, and, not, comparison, +, ~, *, **, sign, then attributes, filters and tests.
/// </summary>
sealed partial class ExpressionParser(TokenStream tokens)
{
    // Far below what the stack holds, and far above what a template means.
    const int DeepestNesting = 100;

    static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];
    static readonly string[] Sums = ["+", "-"];
    static readonly string[] Products = ["*", "/", "//", "%"];
    static readonly string[] Powers = ["**"];

    int nesting;

    /// <summary>Whether a call of <c>strftime_now</c> was read.</summary>
    public bool CallsDate { get; private set; }

    /// <summary>An expression, or several with commas between them, which are a tuple.</summary>
    public Expression ReadTuple(bool withCondition = true, string? endName = null, bool mayBeEmpty = false)
    {
        var place = tokens.Current.Place;
        var items = new List<Expression>();
        var isTuple = mayBeEmpty && IsTupleEnd(endName);
        while (!IsTupleEnd(endName))
        {
            items.Add(withCondition ? ReadExpression() : ReadOr());
            if (!tokens.TakeOperator(","))
            {
                break;
            }

            isTuple = true;
        }

        return isTuple ? new TupleLiteral(place, items) : items.Count == 1 ? items[0] : throw tokens.Unexpected("an expression");
    }

    public Expression ReadExpression()
    {
        if (++nesting > DeepestNesting)
        {
            throw tokens.Current.Place.Lacks($"an expression nested {DeepestNesting} deep");
        }

        var value = ReadOr();
        while (tokens.Current is { Place: var place } && tokens.TakeName("if"))
        {
            var condition = ReadOr();
            value = new Conditional(place, condition, value, tokens.TakeName("else") ? ReadExpression() : null);
        }

        nesting--;
        return value;
    }

    bool IsTupleEnd(string? endName) => tokens.Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd
        || tokens.Current.IsOperator(")") || (endName is not null && tokens.Current.IsName(endName));

    Expression ReadOr()
    {
        var left = ReadAnd();
        while (tokens.Current is { Place: var place } && tokens.TakeName("or"))
        {
            left = new AndOr(place, isAnd: false, left, ReadAnd());
        }

        return left;
    }

    Expression ReadAnd()
    {
        var left = ReadNot();
        while (tokens.Current is { Place: var place } && tokens.TakeName("and"))
        {
            left = new AndOr(place, isAnd: true, left, ReadNot());
        }

        return left;
    }

    Expression ReadNot()
    {
        var negations = new Stack<Place>();
        while (tokens.Current.IsName("not"))
        {
            negations.Push(tokens.Take().Place);
        }

        return negations.Aggregate(ReadComparison(), (operand, place) => new Not(place, operand));
    }

    Expression ReadComparison()
    {
        var place = tokens.Current.Place;
        var first = ReadSum();
        var rest = new List<(string, Expression)>();
        while (ReadComparisonSign() is { } sign)
        {
            rest.Add((sign, ReadSum()));
        }

        return rest.Count == 0 ? first : new Comparison(place, first, rest);
    }

    string? ReadComparisonSign()
    {
        if (tokens.Current.Kind == TokenKind.Operator && Comparisons.Contains(tokens.Current.Text))
        {
            return tokens.Take().Text;
        }

        if (tokens.Current.IsName("not") && tokens.Following.IsName("in"))
        {
            tokens.Take();
            tokens.Take();
            return "not in";
        }

        return tokens.TakeName("in") ? "in" : null;
    }

    Expression ReadSum() => ReadBinary(Sums, ReadConcatenation);

    Expression ReadConcatenation()
    {
        var place = tokens.Current.Place;
        var parts = new List<Expression> { ReadProduct() };
        while (tokens.TakeOperator("~"))
        {
            parts.Add(ReadProduct());
        }

        return parts.Count == 1 ? parts[0] : new Concatenation(place, parts);
    }

    Expression ReadProduct() => ReadBinary(Products, () => ReadBinary(Powers, () => ReadUnary()));

    Expression ReadBinary(string[] signs, Func<Expression> operand)
    {
        var left = operand();
        while (tokens.Current.Kind == TokenKind.Operator && signs.Contains(tokens.Current.Text))
        {
            var sign = tokens.Take();
            left = new BinaryOperation(sign.Place, sign.Text, left, operand());
        }

        return left;
    }

    // A sign binds tighter than filters: -1 | abs is 1.
    Expression ReadUnary(bool withFilters = true)
    {
        var signs = new Stack<Token>();
        while (tokens.Current.IsOperator("-") || tokens.Current.IsOperator("+"))
        {
            signs.Push(tokens.Take());
        }

        var value = ReadPostfix(ReadPrimary());
        value = signs.Aggregate(value, (operand, sign) => new Sign(sign.Place, sign.Text == "-", operand));
        return withFilters ? ReadFilters(value) : value;
    }

    Expression ReadPrimary()
    {
        var token = tokens.Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                tokens.Take();
                return token.Text switch
                {
                    "true" or "True" => new Literal(token.Place, true),
                    "false" or "False" => new Literal(token.Place, false),
                    "none" or "None" => new Literal(token.Place, null),
                    _ => new NameLookup(token.Place, token.Text),
                };
            case TokenKind.Text:
                var text = "";
                while (tokens.Current.Kind == TokenKind.Text)
                {
                    text += tokens.Take().Text;
                }

                return new Literal(token.Place, text);
            case TokenKind.Integer:
                tokens.Take();
                return new Literal(token.Place, long.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    ? number
                    : throw token.Place.Lacks("a whole number of more than 64 bits"));
            case TokenKind.Float:
                tokens.Take();
                return new Literal(token.Place, double.Parse(token.Text, CultureInfo.InvariantCulture));
            default:
                return token.Text switch
                {
                    "(" => ReadParentheses(),
                    "[" => ReadList(),
                    "{" => ReadDict(),
                    _ => throw tokens.Unexpected("an expression"),
                };
        }
    }

    Expression ReadParentheses()
    {
        tokens.Take();
        var inner = ReadTuple(mayBeEmpty: true);
        tokens.ExpectOperator(")");
        return inner;
    }

    ListLiteral ReadList()
    {
        var place = tokens.Take().Place;
        var items = new List<Expression>();
        while (!tokens.TakeOperator("]"))
        {
            ExpectComma(items.Count > 0);
            if (!tokens.Current.IsOperator("]"))
            {
                items.Add(ReadExpression());
            }
        }

        return new ListLiteral(place, items);
    }

    DictLiteral ReadDict()
    {
        var place = tokens.Take().Place;
        var entries = new List<(Expression, Expression)>();
        while (!tokens.TakeOperator("}"))
        {
            ExpectComma(entries.Count > 0);
            if (!tokens.Current.IsOperator("}"))
            {
                var key = ReadExpression();
                tokens.ExpectOperator(":");
                entries.Add((key, ReadExpression()));
            }
        }

        return new DictLiteral(place, entries);
    }

    void ExpectComma(bool isNeeded)
    {
        if (isNeeded)
        {
            tokens.ExpectOperator(",");
        }
    }
}
