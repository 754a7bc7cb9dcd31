using System.IO.Enumeration;

namespace OrtDpo.Data;

/// <summary>
/// What stands for data on a command line: a file, a folder, or a pattern as shells take them: <c>*</c> and <c>?</c> within a part of the
/// path, <c>**</c> for any number of folders. Hidden files and folders match only where the pattern's part begins with a point.
/// </summary>
public static class DataPaths
{
    static readonly string[] Endings = [".json", ".jsonl", ".json.gz", ".jsonl.gz", ".parquet"];

    /// <summary>The files, those of a folder or pattern in the order of their names; a path to no folder stays as it is.</summary>
    /// <exception cref="FileNotFoundException">A folder holds no data files, or a pattern matches none.</exception>
    public static IReadOnlyList<string> Expand(IReadOnlyList<string> paths) => [.. paths.SelectMany(path =>
        Directory.Exists(path) ? InFolder(path)
        : !File.Exists(path) && IsPattern(path) ? Matching(path)
        : [path])];

    static List<string> InFolder(string folder) => Found(
        Sorted(folder).Where(file => Array.Exists(Endings, ending => file.EndsWith(ending, StringComparison.OrdinalIgnoreCase))),
        $"The folder {folder} holds no data files. They end in {string.Join(", ", Endings)}.");

    static List<string> Matching(string pattern)
    {
        var root = Path.GetPathRoot(pattern) ?? "";
        var parts = pattern[root.Length..].Split(
            [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
        return Found(
            Files(root, parts).Distinct(),
            $"No file matches {pattern}. Give a file, a folder, or a pattern with * and ? in parts of the path and ** for any folders.");
    }

    static IEnumerable<string> Files(string folder, string[] parts)
    {
        var (first, rest) = (parts[0], parts[1..]);
        if (!IsPattern(first))
        {
            var path = Path.Combine(folder, first);
            return rest.Length > 0 ? Files(path, rest) : File.Exists(path) ? [path] : [];
        }

        return first == "**"
            ? [.. rest.Length > 0 ? Files(folder, rest) : Sorted(folder), .. Folders(folder, "*").SelectMany(inner => Files(inner, parts))]
            : rest.Length > 0 ? Folders(folder, first).SelectMany(inner => Files(inner, rest))
            : Sorted(folder).Where(file => Matches(file, first));
    }

    static IEnumerable<string> Folders(string folder, string pattern) => folder.Length > 0 && !Directory.Exists(folder) ? []
        : Named(Directory.EnumerateDirectories(folder.Length > 0 ? folder : "."), folder).Where(inner => Matches(inner, pattern));

    static bool Matches(string path, string pattern)
    {
        var name = Path.GetFileName(path);
        return (name[0] != '.' || pattern[0] == '.') && FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
    }

    static bool IsPattern(string path) => path.AsSpan().ContainsAny('*', '?');

    static IEnumerable<string> Sorted(string folder) => folder.Length > 0 && !Directory.Exists(folder) ? []
        : Named(Directory.EnumerateFiles(folder.Length > 0 ? folder : "."), folder);

    // In the order of their names, and as the user would write them: data/a.jsonl and not ./data/a.jsonl.
    static IEnumerable<string> Named(IEnumerable<string> paths, string folder) =>
        paths.Select(path => Path.Combine(folder, Path.GetFileName(path))).Order(StringComparer.Ordinal);

    static List<string> Found(IEnumerable<string> files, string message)
    {
        var found = files.ToList();
        return found.Count > 0 ? found : throw new FileNotFoundException(message);
    }
}
