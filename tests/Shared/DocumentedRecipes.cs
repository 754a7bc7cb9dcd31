using System.Text.RegularExpressions;

namespace OrtDpo.Testing;

/// <summary>The recipes that stand in docs/configuration.md, each under a line that names the schema of its verb.</summary>
static partial class DocumentedRecipes
{
    /// <summary>A recipe.</summary>
    /// <param name="Document">Where it stands.</param>
    /// <param name="Verb">Whose it is, by its schema.</param>
    /// <param name="Text">The recipe.</param>
    public sealed record Documented(string Document, string Verb, string Text);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Documented> All =>
    [
        .. Directory.EnumerateFiles(Repository.Find("docs"), "*.md").Append(Repository.Find("README.md")).SelectMany(file =>
            Block().Matches(File.ReadAllText(file)).Select(match => new Documented(
                Path.GetFileName(file), Schema().Match(match.Groups[1].Value) is { Success: true } named
                    ? named.Groups[1].Value
                    : throw new InvalidDataException($"{file}: a recipe names no schema of a verb."),
                match.Groups[1].Value))),
    ];

    // Others' YAML in the documents is no recipe, and has other words behind its fence.
    [GeneratedRegex("^```yaml\n(# (?:yaml-language-server|recipe).*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\A# yaml-language-server: \$schema=\S*/schema/([a-z]+)\.json\n")]
    private static partial Regex Schema();
}
