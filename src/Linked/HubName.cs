using System.Text.RegularExpressions;

namespace OrtDpo.Linked;

/// <summary>
/// Names of models and data sets on a hub, given where a path is asked for; what other tools take and download. Compiled into each assembly
/// that opens folders, as <see cref="GitLfsPointer"/> is.
/// </summary>
static partial class HubName
{
    /// <summary>
    /// Whether <paramref name="path"/> is written as such a name, <c>owner/name</c> or an address, and does not begin with a folder that is
    /// here.
    /// </summary>
    internal static bool Is(string path) => Written().IsMatch(path) && !Directory.Exists(path.Split('/')[0]);

    /// <summary>What to do about a path to no file or folder: begins with a space; empty where it is no such name.</summary>
    /// <param name="path">What was given.</param>
    /// <param name="kind">"model" or "dataset", as the hub calls it.</param>
    internal static string Advice(string path, string kind) => !Is(path)
        ? path.Contains("://", StringComparison.Ordinal)
            ? $" '{path}' is an address, and nothing is downloaded here: download it first, and give the file or folder."
            : ""
        : $" '{path}' looks like the name of a {kind} on a hub, and nothing is downloaded here: download it first, "
            + $"with {Command(Written().Match(path).Groups["name"].Value, kind)} or git clone, and give the folder.";

    static string Command(string name, string kind)
    {
        // As the hub's own tool has it; put together, since it is no option of this program.
        const string Dashes = "--";
        var type = kind == "model" ? "" : $" {Dashes}repo-type {kind}";
        return $"`hf download {name}{type} {Dashes}local-dir {name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..]}`";
    }

    [GeneratedRegex(
        @"^(?:https?://[^/\s]+/(?:datasets/)?|hf://(?:datasets/)?)?"
        + @"(?<name>[A-Za-z0-9][\w.-]*/[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)(?:/|@[\w.-]+|:\w+)?$")]
    private static partial Regex Written();
}
