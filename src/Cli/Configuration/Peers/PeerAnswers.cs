using System.CommandLine;
using System.Globalization;
using OrtDpo.Runs.Yaml;

namespace OrtDpo.Cli.Configuration.Peers;

/// <summary>Answers names of other trainers, where somebody gives them, with ours.</summary>
static class PeerAnswers
{
    /// <summary>
    /// Of a key of a recipe, and of all others of its kind behind it: a recipe of another trainer is answered in one go. Null where the key
    /// is nobody's.
    /// </summary>
    public static string? OfKeys(YamlMapping all, YamlEntry first, IReadOnlyCollection<string> keys, ParseResult parse)
    {
        if (PeerNames.Find(first.Name) is not { } one)
        {
            return null;
        }

        var values = all.Entries.ToDictionary(entry => entry.Name, entry => (entry.Value as YamlScalar)?.Text, StringComparer.Ordinal);
        var text = Answer(one, first);
        foreach (var entry in all.Entries.SkipWhile(entry => entry != first).Skip(1).Where(entry => !keys.Contains(entry.Name)))
        {
            text += PeerNames.Find(entry.Name) is { } peer
                ? string.Create(CultureInfo.InvariantCulture, $"; line {entry.Place.Line}: {Answer(peer, entry)}")
                : "";
        }

        return text + ".";

        string Answer(PeerName peer, YamlEntry entry) =>
            peer.Answer(
                entry.Name, new PeerSetting((entry.Value as YamlScalar)?.Text, values, (key, value) => $"{key}: {value}"), key => key)
            + Elsewhere(peer, parse);
    }

    /// <summary>Of an option that is typed and none of the verb's; null where it is nobody's.</summary>
    public static string? OfOption(string token, ParseResult parse)
    {
        var name = token.Split('=')[0];
        if (PeerNames.Find(name) is not { } peer)
        {
            return null;
        }

        var values = Typed(parse);
        var setting = new PeerSetting(values.GetValueOrDefault(RecipeKeys.Of(name)), values, Write);
        return $"{peer.Answer(name, setting, RecipeKeys.OptionOf)}{Elsewhere(peer, parse)}.";
    }

    static string Write(string key, string value) =>
        $"{RecipeKeys.OptionOf(key)} {(value.Contains(' ', StringComparison.Ordinal) ? $"'{value}'" : value)}";

    static string Elsewhere(PeerName peer, ParseResult parse)
    {
        if (peer.Ours is not { } ours || Has(parse.CommandResult.Command, ours))
        {
            return "";
        }

        var verbs = parse.RootCommandResult.Command.Subcommands.Where(verb => Has(verb, ours)).Select(verb => verb.Name).ToList();
        return verbs.Count == 0 ? "" : $" ({ours} is an option of {string.Join(", ", verbs)})";
    }

    static bool Has(Command verb, string key) => RecipeKeys.Of(verb).Any(known => known.Key == key);

    // What stands behind each word that begins as an option does.
    static Dictionary<string, string?> Typed(ParseResult parse)
    {
        var found = new Dictionary<string, string?>(StringComparer.Ordinal);
        string[] words = [.. parse.Tokens.Select(token => token.Value)];
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i].StartsWith("--", StringComparison.Ordinal))
            {
                var parts = words[i].Split('=', 2);
                found[RecipeKeys.Of(parts[0])] = parts.Length == 2 ? parts[1]
                    : i + 1 < words.Length && !words[i + 1].StartsWith("--", StringComparison.Ordinal) ? words[i + 1]
                    : null;
            }
        }

        return found;
    }
}
