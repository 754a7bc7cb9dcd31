using System.CommandLine;
using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Cli.Configuration;

/// <summary>A command line, with the recipe that it names where it names one.</summary>
sealed class ConfiguredLine
{
    readonly Command program;
    readonly IReadOnlyList<string> arguments;
    readonly Recipe? recipe;

    ConfiguredLine(Command program, IReadOnlyList<string> arguments, Recipe? recipe)
    {
        this.program = program;
        this.arguments = arguments;
        this.recipe = recipe;
        Parse = program.Parse(arguments, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
    }

    /// <summary>What it says.</summary>
    public ParseResult Parse { get; }

    /// <summary>What is wrong with it, in one sentence; null where it can be run.</summary>
    // What was typed has been looked at before the recipe was read, whose words are in order.
    public string? Fault => (recipe is null ? UsageErrors.First(Parse, arguments) : UsageErrors.OfValues(Parse)) is { } fault
        ? Placed(fault)
        : null;

    /// <summary>As it was typed.</summary>
    public static ConfiguredLine Typed(Command program, IReadOnlyList<string> arguments) => new(program, arguments, recipe: null);

    /// <summary>With its recipe. A line that is wrong by itself stays as it is.</summary>
    /// <exception cref="IOException">The recipe is not there, or cannot be read.</exception>
    /// <exception cref="UsageException">It is no recipe of the verb.</exception>
    public ConfiguredLine WithRecipe()
    {
        if (Parse.Action?.ClearsParseErrors == true || UsageErrors.OfWords(Parse, arguments) is not null
            || ConfigOption.In(Parse) is not { } path || string.IsNullOrWhiteSpace(path))
        {
            return this;
        }

        var read = Recipe.Read(path, Parse);
        return new ConfiguredLine(program, read.Merge(Parse, arguments), read);
    }

    /// <summary>A sentence about options, which says of those in the recipe where they stand.</summary>
    public string Placed(string sentence) => recipe?.Placed(sentence) ?? sentence;
}
