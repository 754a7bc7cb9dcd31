using System.IO.Enumeration;

namespace OrtDpo.Core.Data;

/// <summary>What stands for data on a command line: a file, a folder, or a pattern with <c>*</c> and <c>?</c> in its last part.</summary>
public static class DataPaths
{
    static readonly string[] Endings = [".json", ".jsonl", ".json.gz", ".jsonl.gz", ".parquet"];

    /// <summary>The files, those of a folder or pattern in the order of their names; a path to no folder stays as it is.</summary>
    /// <exception cref="FileNotFoundException">A folder holds no data files, or a pattern matches none.</exception>
    public static IReadOnlyList<string> Expand(IReadOnlyList<string> paths) => [.. paths.SelectMany(path =>
        Directory.Exists(path) ? InFolder(path)
        : !File.Exists(path) && Path.GetFileName(path).AsSpan().ContainsAny('*', '?') ? Matching(path)
        : [path])];

    static List<string> InFolder(string folder) => Found(
        Sorted(folder).Where(file => Array.Exists(Endings, ending => file.EndsWith(ending, StringComparison.OrdinalIgnoreCase))),
        $"The folder {folder} holds no data files. They end in {string.Join(", ", Endings)}.");

    static List<string> Matching(string pattern)
    {
        var folder = Path.GetDirectoryName(pattern) is { Length: > 0 } named ? named : ".";
        var files = Directory.Exists(folder) ? Sorted(folder) : [];
        var name = Path.GetFileName(pattern);
        return Found(
            files.Where(file => FileSystemName.MatchesSimpleExpression(name, Path.GetFileName(file), ignoreCase: false)),
            $"No file matches {pattern}. Give a file, a folder, or a pattern in the last part of a path.");
    }

    static IEnumerable<string> Sorted(string folder) => Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal);

    static List<string> Found(IEnumerable<string> files, string message)
    {
        var found = files.ToList();
        return found.Count > 0 ? found : throw new FileNotFoundException(message);
    }
}
