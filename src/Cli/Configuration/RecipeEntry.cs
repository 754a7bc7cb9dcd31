using System.CommandLine;
using OrtDpo.Runs.Yaml;

namespace OrtDpo.Cli.Configuration;

/// <summary>A line of a recipe that stands for an option or an argument.</summary>
/// <param name="Written">The line.</param>
/// <param name="Symbol">What it stands for.</param>
/// <param name="Words">Its values on a command line; empty: a switch that is on; null: one that is off.</param>
sealed record RecipeEntry(YamlEntry Written, Symbol Symbol, IReadOnlyList<string>? Words)
{
    /// <summary>What a command line has in its place.</summary>
    public IEnumerable<string> Arguments => (Symbol, Words) switch
    {
        (_, null) => [],
        (Argument, var words) => words,
        (var option, []) => [option.Name],
        // Behind an equals sign a value may be called like an option, and is none where nothing follows.
        (var option, var words) => words.SelectMany(
            word => word.Length > 0 ? (string[])[$"{option.Name}={word}"] : [option.Name, word]),
    };
}
