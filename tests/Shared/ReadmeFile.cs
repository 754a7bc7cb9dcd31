using System.Text.RegularExpressions;

namespace OrtDpo.Testing;

/// <summary>README.md, and other documents, whose blocks are run.</summary>
static partial class ReadmeFile
{
    /// <summary>The text of each block, and the language that it names, empty for none.</summary>
    public static IReadOnlyList<(string Language, string Text)> Blocks { get; } = BlocksOf("README.md");

    /// <summary>The same of another document.</summary>
    public static IReadOnlyList<(string Language, string Text)> BlocksOf(params string[] path) =>
    [
        .. Block().Matches(File.ReadAllText(Repository.Find(path)))
            .Select(match => (match.Groups["language"].Value, match.Groups["text"].Value)),
    ];

    /// <summary>The only block that holds <paramref name="part"/>.</summary>
    public static string BlockWith(string part) =>
        Blocks.Single(block => block.Text.Contains(part, StringComparison.Ordinal)).Text;

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<text>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();
}
