using System.CommandLine;
using OrtDpo.Safetensors;

namespace OrtDpo.Cli.CommandLine;

/// <summary>Options that take the type of weights by its name in <c>config.json</c>.</summary>
static class DtypeOption
{
    static readonly string Names = string.Join(", ", WeightTypes.Saved.Keys);

    /// <summary>An option, which refuses other names.</summary>
    public static Option<string> Create(string name, string description)
    {
        var option = new Option<string>(name) { Description = description, HelpName = "type" };
        return option.Where(WeightTypes.Saved.ContainsKey, $"it must be one of {Names}");
    }

    /// <summary>The type that was asked for; null where none was.</summary>
    public static WeightType? Bind(ParseResult parse, Option<string> option) =>
        parse.GetValue(option) is { } name ? WeightTypes.Saved[name] : null;
}
