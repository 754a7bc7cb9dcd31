using System.Text.RegularExpressions;

namespace OrtDpo.Runs.Yaml;

/// <summary>What YAML 1.2 takes for numbers: its core schema, section 10.3.2.</summary>
static partial class YamlNumbers
{
    public static bool IsWhole(string text) => Whole().IsMatch(text);

    public static bool IsOne(string text) => One().IsMatch(text);

    /// <summary>Octal, hexadecimal, infinities and what is no number.</summary>
    public static bool IsOther(string text) => Other().IsMatch(text);

    [GeneratedRegex(@"\A[-+]?[0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    [GeneratedRegex(@"\A[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex One();

    [GeneratedRegex(@"\A(0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Other();
}
