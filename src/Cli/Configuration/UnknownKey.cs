using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Configuration.Peers;
using OrtDpo.Objectives;
using OrtDpo.Runs.Yaml;

namespace OrtDpo.Cli.Configuration;

/// <summary>What is said of a key that is none of the verb's.</summary>
static class UnknownKey
{
    /// <summary>The sentence.</summary>
    /// <param name="entry">The key.</param>
    /// <param name="all">The whole recipe.</param>
    /// <param name="keys">The verb's keys.</param>
    /// <param name="parse">The command line.</param>
    public static string Sentence(YamlEntry entry, YamlMapping all, IReadOnlyCollection<string> keys, ParseResult parse)
    {
        var verb = UsageErrors.PathOf(parse.CommandResult);
        if (IsConfigurationOfRun(all))
        {
            return $"{entry.Name} is no option of {verb}: this is the configuration that a run wrote of itself, with its digests and "
                + "resolved numbers. Give the recipe that the run was made from; with the same command and --resume the run goes on.";
        }

        if (entry.Name == RecipeKeys.Of(ConfigOption.Name))
        {
            return "a recipe names no other recipe. Write the options of both into one.";
        }

        if (parse.RootCommandResult.Command.Subcommands.Any(other => other.Name == entry.Name) && entry.Value is YamlMapping)
        {
            return $"{entry.Name} is a verb with options of its own; a recipe holds those of one verb. Write the options of {verb} without "
                + "anything before them, and give each verb its own recipe.";
        }

        if (PeerAnswers.OfKeys(all, entry, keys, parse) is { } answer)
        {
            return answer;
        }

        var others = parse.RootCommandResult.Command.Subcommands
            .Where(other => RecipeKeys.Of(other).Any(known => known.Key == entry.Name))
            .Select(other => other.Name)
            .ToList();
        return others.Count > 0
            ? $"{entry.Name} is not an option of {verb}, but of {string.Join(", ", others)}."
            : $"{entry.Name} is not an option of {verb}"
                + (NearestName.Of(entry.Name, keys) is { } near ? $"; did you mean {near}?" : ".");
    }

    // Every run has these two, and no recipe.
    static bool IsConfigurationOfRun(YamlMapping all) =>
        all.Entries.Any(entry => entry.Name == "kind") && all.Entries.Any(entry => entry.Name == "tokenizer_digest");
}
