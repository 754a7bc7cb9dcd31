using System.CommandLine;
using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Cli.Configuration;

/// <summary>The option <c>--config</c>, which every verb with options has.</summary>
static class ConfigOption
{
    /// <summary>Its name.</summary>
    public const string Name = "--config";

    /// <summary>Adds it to a verb that has options.</summary>
    public static void AddTo(Command command)
    {
        if (command.Options.Count > 0)
        {
            command.Add(new Option<string>(Name)
            {
                Description = "A recipe: a YAML file of these options, their names with _ for -. What is given here too counts in place of "
                    + "what stands there; paths are seen from the current folder.",
                HelpName = "recipe.yaml",
            }.NotEmpty());
        }
    }

    /// <summary>The recipe that was given; null where none was.</summary>
    public static string? In(ParseResult parse) =>
        parse.CommandResult.Command.Options.FirstOrDefault(option => option.Name == Name) is { } option
        && parse.GetResult(option) is { Tokens: [var path] }
            ? path.Value
            : null;
}
