using System.Globalization;
using OrtDpo.ChatTemplates.Library;
using OrtDpo.ChatTemplates.Nodes;

namespace OrtDpo.ChatTemplates.Syntax;

// What stands behind a value: attributes, items, calls, filters, tests.
sealed partial class ExpressionParser
{
    /// <summary>The filters behind a block, after its tag's name.</summary>
    public IReadOnlyList<(Place Place, string Name, Filter Filter, ArgumentList Arguments)> ReadBlockFilters(bool firstHasBar)
    {
        var filters = new List<(Place, string, Filter, ArgumentList)>();
        while ((filters.Count == 0 && !firstHasBar) || tokens.TakeOperator("|"))
        {
            filters.Add(ReadFilter());
        }

        return filters;
    }

    Expression ReadPostfix(Expression value)
    {
        while (tokens.Current.Kind == TokenKind.Operator)
        {
            var sign = tokens.Current;
            switch (sign.Text)
            {
                case ".":
                    tokens.Take();
                    value = ReadAttribute(value, sign.Place);
                    break;
                case "[":
                    tokens.Take();
                    value = ReadItem(value, sign.Place);
                    break;
                case "(":
                    value = ReadCall(value);
                    break;
                default:
                    return value;
            }
        }

        return value;
    }

    Expression ReadAttribute(Expression owner, Place place) => tokens.Current.Kind == TokenKind.Integer
        ? new ItemLookup(place, owner, new Literal(place, long.Parse(tokens.Take().Text, CultureInfo.InvariantCulture)))
        : new AttributeLookup(place, owner, tokens.ExpectName("an attribute's name"));

    Expression ReadItem(Expression owner, Place place)
    {
        var start = tokens.Current.IsOperator(":") ? null : ReadExpression();
        if (tokens.TakeOperator("]"))
        {
            return new ItemLookup(place, owner, start!);
        }

        tokens.ExpectOperator(":");
        var stop = ReadBound();
        var step = tokens.TakeOperator(":") ? ReadBound() : null;
        tokens.ExpectOperator("]");
        return new SliceLookup(place, owner, start, stop, step);
    }

    Expression? ReadBound() => tokens.Current.IsOperator(":") || tokens.Current.IsOperator("]") ? null : ReadExpression();

    Call ReadCall(Expression callee)
    {
        CallsDate |= callee is NameLookup { Name: "strftime_now" };
        return new Call(tokens.Current.Place, callee, ReadArguments());
    }

    ArgumentList ReadArguments()
    {
        tokens.ExpectOperator("(");
        var positional = new List<Expression>();
        var named = new List<(string Name, Expression Value)>();
        while (!tokens.TakeOperator(")"))
        {
            ExpectComma(positional.Count + named.Count > 0);
            var token = tokens.Current;
            if (token.IsOperator(")"))
            {
                continue;
            }

            if (token.IsOperator("*") || token.IsOperator("**"))
            {
                throw token.Place.Lacks($"'{token.Text}' before an argument");
            }

            if (token.Kind == TokenKind.Name && tokens.Following.IsOperator("="))
            {
                tokens.Take();
                tokens.Take();
                if (named.Exists(n => n.Name == token.Text))
                {
                    throw token.Place.Wrong($"the argument '{token.Text}' is given twice.");
                }

                named.Add((token.Text, ReadExpression()));
            }
            else
            {
                positional.Add(named.Count == 0 ? ReadExpression() : throw tokens.Unexpected("an argument with its name"));
            }
        }

        return new ArgumentList(positional, named);
    }

    Expression ReadFilters(Expression value)
    {
        while (true)
        {
            if (tokens.TakeOperator("|"))
            {
                var (place, name, filter, arguments) = ReadFilter();
                value = new FilterCall(place, value, name, filter, arguments);
            }
            else if (tokens.Current.IsName("is"))
            {
                value = ReadTest(value);
            }
            else if (tokens.Current.IsOperator("("))
            {
                value = ReadCall(value);
            }
            else
            {
                return value;
            }
        }
    }

    (Place Place, string Name, Filter Filter, ArgumentList Arguments) ReadFilter()
    {
        var place = tokens.Current.Place;
        var name = ReadDottedName("a filter's name");
        return (place, name, Filters.Find(name, place), tokens.Current.IsOperator("(") ? ReadArguments() : ArgumentList.Empty);
    }

    Expression ReadTest(Expression value)
    {
        tokens.Take();
        var place = tokens.Current.Place;
        var isNegated = tokens.TakeName("not");
        var name = ReadDottedName("a test's name");
        var test = new TestCall(place, value, name, Tests.Find(name, place), ReadTestArguments());
        return isNegated ? new Not(place, test) : test;
    }

    // A single argument needs no parentheses: x is divisibleby 3.
    ArgumentList ReadTestArguments()
    {
        var token = tokens.Current;
        if (token.IsOperator("("))
        {
            return ReadArguments();
        }

        if (token.IsName("is"))
        {
            throw tokens.Unexpected("no second test; put the first one in parentheses");
        }

        var isArgument = token.Kind is TokenKind.Text or TokenKind.Integer or TokenKind.Float
            || token.IsOperator("[") || token.IsOperator("{")
            || (token.Kind == TokenKind.Name && token.Text is not ("else" or "or" or "and"));
        return isArgument ? new ArgumentList([ReadPostfix(ReadPrimary())], []) : ArgumentList.Empty;
    }

    string ReadDottedName(string expected)
    {
        var name = tokens.ExpectName(expected);
        while (tokens.TakeOperator("."))
        {
            name += $".{tokens.ExpectName(expected)}";
        }

        return name;
    }
}
