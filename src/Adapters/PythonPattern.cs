using System.Globalization;
using System.Text;

namespace OrtDpo.Adapters;

/// <summary>
/// A pattern of Python's <c>re</c> in .NET's words. Written otherwise there, or with another meaning, are <c>(?P&lt;n&gt;…)</c>,
/// <c>(?P=n)</c>, <c>\Z</c>, <c>{,n}</c> and <c>[</c> inside of brackets. Groups lose their names, because .NET numbers named groups after
/// all others, and Python in their order.
/// </summary>
sealed class PythonPattern
{
    readonly StringBuilder net = new();
    readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    int groups;
    int bracket = -1;

    /// <summary>The pattern for .NET; faults stay as they are.</summary>
    /// <param name="python">The pattern for Python.</param>
    /// <param name="groupsBefore">Groups of what the pattern will stand in that begin before it.</param>
    public static string ToNet(string python, int groupsBefore)
    {
        var pattern = new PythonPattern { groups = groupsBefore };
        for (var at = 0; at < python.Length;)
        {
            at += pattern.Append(python.AsSpan(at), at);
        }

        return pattern.net.ToString();
    }

    // What stands first in the rest of the pattern; returns its length.
    int Append(ReadOnlySpan<char> rest, int at)
    {
        if (rest is ['\\', var escaped, ..])
        {
            net.Append('\\').Append(escaped == 'Z' && bracket < 0 ? 'z' : escaped);
            return 2;
        }

        return bracket >= 0 ? AppendInBrackets(rest[0], at)
            : rest[0] == '(' ? AppendGroup(rest)
            : rest[0] == '[' ? AppendBracket(rest, at)
            : AppendOther(rest);
    }

    int AppendInBrackets(char first, int at)
    {
        net.Append(first == '[' ? "\\[" : first.ToString());
        // The first character inside is no end.
        if (first == ']' && at > bracket)
        {
            bracket = -1;
        }

        return 1;
    }

    int AppendBracket(ReadOnlySpan<char> rest, int at)
    {
        var length = rest is ['[', '^', ..] ? 2 : 1;
        net.Append(rest[..length]);
        bracket = at + length;
        return length;
    }

    int AppendGroup(ReadOnlySpan<char> rest)
    {
        if (rest.StartsWith("(?P<", StringComparison.Ordinal) && rest.IndexOf('>') is > 0 and var named)
        {
            numbers[rest[4..named].ToString()] = ++groups;
            net.Append('(');
            return named + 1;
        }

        if (rest.StartsWith("(?P=", StringComparison.Ordinal) && rest.IndexOf(')') is > 0 and var same
            && numbers.TryGetValue(rest[4..same].ToString(), out var number))
        {
            net.Append(CultureInfo.InvariantCulture, $@"\k<{number}>");
            return same + 1;
        }

        if (rest.StartsWith("(?(", StringComparison.Ordinal) && rest.IndexOf(')') is > 0 and var condition
            && numbers.TryGetValue(rest[3..condition].ToString(), out var tested))
        {
            net.Append(CultureInfo.InvariantCulture, $"(?({tested})");
            return condition + 1;
        }

        groups += rest is ['(', '?', ..] ? 0 : 1;
        net.Append('(');
        return 1;
    }

    int AppendOther(ReadOnlySpan<char> rest)
    {
        var isUpTo = rest.StartsWith("{,", StringComparison.Ordinal) && rest.IndexOf('}') is > 0 and var close
            && !rest[2..close].ContainsAnyExceptInRange('0', '9');
        net.Append(isUpTo ? "{0" : rest[..1]);
        return 1;
    }
}
