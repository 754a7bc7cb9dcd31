using System.Text.RegularExpressions;

namespace OrtDpo.Adapters;

/// <summary>
/// Regular expressions of Python's <c>re</c>, as adapters have them; what does not compile is refused.
/// </summary>
sealed class PythonRegex
{
    // Names of modules are short: what takes longer grows exponentially, and would never end.
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    readonly Regex regex;
    readonly string where;
    readonly string expression;

    /// <param name="expression">The expression.</param>
    /// <param name="around">What stands around it.</param>
    /// <param name="groupsBefore">How many groups of that begin before it.</param>
    /// <param name="where">The setting, for messages.</param>
    PythonRegex(string expression, Func<string, string> around, int groupsBefore, string where)
    {
        this.expression = expression;
        this.where = where;
        try
        {
            // Alone first: what stands around it could close a group that it leaves open.
            _ = new Regex(PythonPattern.ToNet(expression, groupsBefore: 0), RegexOptions.CultureInvariant);
            regex = new Regex(around(PythonPattern.ToNet(expression, groupsBefore)), RegexOptions.CultureInvariant, Longest);
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
    public static PythonRegex Whole(string expression, string where) => new(expression, pattern => $@"\A(?:{pattern})\z", 0, where);

    /// <summary>What matches the end of a path, from its beginning or after a dot, as PEFT's <c>get_pattern_key</c> does.</summary>
    /// <inheritdoc cref="Whole"/>
    public static PythonRegex PathEnd(string expression, string where) =>
        new(expression, pattern => $@"\A(.*\.)?({pattern})$", 2, where);

    /// <summary>The number in a path after <paramref name="expression"/>, as PEFT finds a layer's: the first group.</summary>
    /// <inheritdoc cref="Whole"/>
    public static PythonRegex LayerNumber(string expression, string where) =>
        new(expression, pattern => $@"\A(?:.*?\.{pattern}\.(?<layer>[0-9]+)\.)", 0, where);

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
}
