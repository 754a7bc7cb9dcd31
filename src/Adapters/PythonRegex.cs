using System.Text;
using System.Text.RegularExpressions;

namespace OrtDpo.Adapters;

/// <summary>
/// Regular expressions of Python's <c>re</c>, as adapters have them, in .NET's words: <c>(?P&lt;n&gt;…)</c>, <c>(?P=n)</c>, <c>\Z</c>,
/// <c>{,n}</c> and <c>[</c> inside of brackets are written otherwise there, or mean something else. What does not compile is refused.
/// </summary>
sealed class PythonRegex
{
    // Names of modules are short: what takes longer grows exponentially, and would never end.
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    readonly Regex regex;
    readonly string where;
    readonly string expression;

    PythonRegex(string expression, Func<string, string> around, string where)
    {
        this.expression = expression;
        this.where = where;
        var pattern = Translate(expression);
        try
        {
            // Alone first: what stands around it could close a group that it leaves open.
            _ = new Regex(pattern, RegexOptions.CultureInvariant);
            regex = new Regex(around(pattern), RegexOptions.CultureInvariant, Longest);
        }
        catch (RegexParseException e)
        {
            throw new InvalidDataException(
                $"{where} is the regular expression '{expression}', which does not compile: {e.Message} Correct the expression.", e);
        }
    }

    /// <summary>What matches a whole text, as <c>re.fullmatch</c> does.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="where">The setting, for messages.</param>
    /// <exception cref="InvalidDataException">The expression does not compile.</exception>
    public static PythonRegex Whole(string expression, string where) => new(expression, pattern => $@"\A(?:{pattern})\z", where);

    /// <summary>What matches the end of a path, from its beginning or after a dot, as PEFT's <c>get_pattern_key</c> does.</summary>
    /// <inheritdoc cref="Whole"/>
    public static PythonRegex PathEnd(string expression, string where) =>
        new(expression, pattern => $@"\A(.*\.)?({pattern})$", where);

    /// <summary>The number in a path after <paramref name="expression"/>, as PEFT finds a layer's: the first group.</summary>
    /// <inheritdoc cref="Whole"/>
    public static PythonRegex LayerNumber(string expression, string where) =>
        new(expression, pattern => $@"\A(?:.*?\.{pattern}\.(?<layer>[0-9]+)\.)", where);

    /// <exception cref="InvalidDataException">The expression takes too long.</exception>
    public bool IsMatch(string name) => Match(name).Success;

    /// <summary>The number of the layer in <paramref name="name"/>; null where there is none.</summary>
    /// <inheritdoc cref="IsMatch"/>
    public int? Layer(string name) =>
        Match(name) is { Success: true } match && int.TryParse(match.Groups["layer"].ValueSpan, out var layer) ? layer : null;

    Match Match(string name)
    {
        try
        {
            return regex.Match(name);
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new InvalidDataException($"{where} is the regular expression '{expression}', which takes more than "
                + $"{Longest.TotalSeconds} s on '{name}'. Write it without repetitions inside of repetitions.", e);
        }
    }

    static string Translate(string python)
    {
        var net = new StringBuilder();
        var bracket = -1;
        for (var at = 0; at < python.Length; at++)
        {
            var rest = python.AsSpan(at);
            if (rest is ['\\', var escaped, ..])
            {
                net.Append('\\').Append(escaped == 'Z' && bracket < 0 ? 'z' : escaped);
                at++;
            }
            else if (bracket >= 0)
            {
                // The first character inside is no end.
                var isEnd = rest[0] == ']' && at > bracket;
                net.Append(rest[0] == '[' ? "\\[" : rest[..1]);
                bracket = isEnd ? -1 : bracket;
            }
            else if (rest[0] == '[')
            {
                var negated = rest is ['[', '^', ..];
                net.Append(negated ? "[^" : "[");
                at += negated ? 1 : 0;
                bracket = at + 1;
            }
            else if (rest.StartsWith("(?P<", StringComparison.Ordinal))
            {
                net.Append("(?<");
                at += 3;
            }
            else if (rest.StartsWith("(?P=", StringComparison.Ordinal) && rest.IndexOf(')') is > 0 and var end)
            {
                net.Append(@"\k<").Append(rest[4..end]).Append('>');
                at += end;
            }
            else if (rest.StartsWith("{,", StringComparison.Ordinal) && rest.IndexOf('}') is > 0 and var close
                && !rest[2..close].ContainsAnyExceptInRange('0', '9'))
            {
                net.Append("{0");
            }
            else
            {
                net.Append(rest[0]);
            }
        }

        return net.ToString();
    }
}
