using System.Text.RegularExpressions;

namespace OrtDpo.Export.Cards;

/// <summary>From where on the Hugging Face hub a folder or file came, where it lies in a way that says so.</summary>
static partial class HubOrigin
{
    /// <summary>The name there, <c>owner/name</c>; null: nothing says it.</summary>
    /// <param name="path">A folder or a file.</param>
    /// <param name="kind">"model" or "dataset", as the hub calls it.</param>
    public static string? Of(string path, string kind)
    {
        var full = Path.GetFullPath(path);
        return InCache(full, kind).FirstOrDefault() ?? Cloned(full, kind);
    }

    /// <summary>The names of what lies in the hub's own cache, of the paths in a text.</summary>
    /// <param name="paths">Paths, one or several.</param>
    /// <param name="kind">"model" or "dataset", as the hub calls it.</param>
    public static IEnumerable<string> InCache(string paths, string kind) => Cached().Matches(paths.Replace('\\', '/'))
        .Where(found => found.Groups["kind"].Value == $"{kind}s")
        .Select(found => found.Groups["name"].Value.Replace("--", "/", StringComparison.Ordinal))
        .Distinct();

    // Of a folder that git cloned, or one in it.
    static string? Cloned(string path, string kind)
    {
        for (var folder = path; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var config = Path.Combine(folder, ".git", "config");
            if (File.Exists(config))
            {
                var remote = Remote().Match(File.ReadAllText(config));
                return remote.Success && remote.Groups["datasets"].Success == (kind == "dataset") ? remote.Groups["name"].Value : null;
            }
        }

        return null;
    }

    // The hub's own cache: models--owner--name/snapshots/commit.
    [GeneratedRegex("/(?<kind>models|datasets)--(?<name>(?:[^/]+?--)?[^/]+?)/snapshots/")]
    private static partial Regex Cached();

    [GeneratedRegex(
        @"url = https://(?:[^/@\s]*@)?(?:huggingface\.co|hf\.co)/(?<datasets>datasets/)?(?<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?\s")]
    private static partial Regex Remote();
}
