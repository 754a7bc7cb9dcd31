using System.Globalization;

namespace OrtDpo.Tokenizers.Patterns;

/// <summary>
/// Reads the part of Oniguruma's syntax that tokenizers use: alternation, groups, <c>(?i:…)</c>, lookahead, classes, greedy and possessive
/// quantifiers. Everything else is refused by name.
/// </summary>
sealed class PatternParser(string expression)
{
    static readonly string[] GroupKinds = ["(?:", "(?i:", "(?=", "(?!"];

    readonly ClassParser classes = new(expression);
    int at;
    bool ignoreCase;

    // What a part of the expression becomes, once it is known what follows.
    delegate PatternNode Build(PatternNode next);

    public PatternNode Parse()
    {
        var build = Alternation();
        return at == expression.Length ? build(new AcceptNode()) : throw classes.Unsupported(at, "an unbalanced ')'");
    }

    Build Alternation()
    {
        var branches = new List<Build> { Sequence() };
        while (Take('|'))
        {
            branches.Add(Sequence());
        }

        return branches.Count == 1 ? branches[0] : next => new AlternationNode([.. branches.Select(b => b(next))]);
    }

    Build Sequence()
    {
        var parts = new List<Build>();
        while (at < expression.Length && expression[at] is not ('|' or ')'))
        {
            parts.Add(expression[at] == '(' ? Group() : Repeat());
        }

        return next => parts.AsEnumerable().Reverse().Aggregate(next, (following, part) => part(following));
    }

    Build Group()
    {
        var open = at;
        var kind = Array.Find(GroupKinds, k => expression.AsSpan(open).StartsWith(k));
        if (kind is null && expression.AsSpan(open).StartsWith("(?"))
        {
            throw classes.Unsupported(open, "this kind of group");
        }

        at += kind?.Length ?? 1;
        var outerCase = ignoreCase;
        ignoreCase |= kind == "(?i:";
        var inner = Alternation();
        ignoreCase = outerCase;
        if (!Take(')'))
        {
            throw classes.Unsupported(open, "a group without its ')'");
        }

        if (kind is "(?=" or "(?!")
        {
            return next => new LookaheadNode(inner(new AcceptNode()), kind == "(?!", next);
        }

        var quantifier = Quantifier();
        return quantifier switch
        {
            (1, 1, _) => inner,
            (0, 1, false) => next => new AlternationNode([inner(next), next]),
            _ => throw classes.Unsupported(open, "a group that repeats"),
        };
    }

    Build Repeat()
    {
        var set = new CodePointSet(classes.Atom(ref at, ignoreCase));
        var (minimum, maximum, possessive) = Quantifier();
        return next => new RepeatNode(set, minimum, maximum, possessive, next);
    }

    (int Minimum, int Maximum, bool Possessive) Quantifier()
    {
        var (minimum, maximum) = (1, 1);
        var braces = false;
        if (Take('?'))
        {
            (minimum, maximum) = (0, 1);
        }
        else if (Take('*'))
        {
            (minimum, maximum) = (0, int.MaxValue);
        }
        else if (Take('+'))
        {
            (minimum, maximum) = (1, int.MaxValue);
        }
        else if (at < expression.Length && expression[at] == '{')
        {
            (minimum, maximum) = Braces();
            braces = true;
        }
        else
        {
            return (1, 1, false);
        }

        var possessive = Take('+');
        if (at < expression.Length && expression[at] is '?' or '*' or '+' or '{' || (possessive && braces))
        {
            throw classes.Unsupported(at - 1, "a lazy or doubled quantifier");
        }

        return (minimum, maximum, possessive);
    }

    (int Minimum, int Maximum) Braces()
    {
        var close = expression.IndexOf('}', at);
        var parts = close < 0 ? [] : expression[(at + 1)..close].Split(',');
        if (parts.Length is not (1 or 2) || !int.TryParse(parts[0], NumberStyles.None, null, out var minimum))
        {
            throw classes.Unsupported(at, "this use of '{'");
        }

        var maximum = parts.Length == 1 ? minimum : parts[1].Length == 0 ? int.MaxValue : int.Parse(parts[1], NumberStyles.None, null);
        at = close + 1;
        return (minimum, maximum);
    }

    bool Take(char expected)
    {
        if (at < expression.Length && expression[at] == expected)
        {
            at++;
            return true;
        }

        return false;
    }
}
