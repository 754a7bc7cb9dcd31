using System.IO.Enumeration;
using OrtDpo.Linked;

namespace OrtDpo.Data;

/// <summary>
/// What stands for data on a command line: a file, a folder, or a pattern as shells take them: <c>*</c> and <c>?</c> within a part of the
/// path, <c>**</c> for any number of folders. Hidden files and folders match only where the pattern's part begins with a point.
/// </summary>
public static class DataPaths
{
    /// <summary>The files, those of a folder or pattern in the order of their names; a path to no folder stays as it is.</summary>
    /// <param name="paths">What was given.</param>
    /// <param name="passedOver">
    /// Called for each file of a folder that is not read, and for each that a pattern matches and that only describes others; null: nobody
    /// asks.
    /// </param>
    /// <exception cref="FileNotFoundException">
    /// A folder holds no data files, a pattern matches none, or a name on a hub stands for no file here.
    /// </exception>
    /// <exception cref="InvalidDataException">A file or folder holds no rows of its own; the message says what does.</exception>
    public static IReadOnlyList<string> Expand(IReadOnlyList<string> paths, Action<string>? passedOver = null) =>
        [.. paths.SelectMany(path => Directory.Exists(path) ? InFolder(path, passedOver)
            : !File.Exists(path) && IsPattern(path) ? Matching(path, passedOver)
            : [Single(path)])];

    static IReadOnlyList<string> InFolder(string folder, Action<string>? passedOver)
    {
        var all = Sorted(folder).ToList();
        var files = SavedDataset.Shards(folder) ?? all.FindAll(file => DataEndings.Has(file) && !SavedDataset.Describes(file));
        if (files.Count == 0)
        {
            var folders = Folders(folder, "*").Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList();
            throw new FileNotFoundException($"The folder {folder} holds no data files. {DataEndings.Described}"
                + (folders.Count == 0 ? "" : $" It has the folders {string.Join(", ", folders)}: give one of them, "
                    + $"or a pattern such as {Path.Combine(folder, "**", "*.jsonl")}."));
        }

        foreach (var file in all.Except(files))
        {
            passedOver?.Invoke(file);
        }

        return files;
    }

    static string Single(string path)
    {
        if (File.Exists(path) && SavedDataset.Describes(path))
        {
            throw new InvalidDataException($"{path} belongs to a data set of Hugging Face's datasets and holds no rows that were saved. "
                + "Give the folder that it lies in.");
        }

        return File.Exists(path) || (!path.Contains("://", StringComparison.Ordinal) && (DataEndings.Has(path) || !HubName.Is(path)))
            ? path
            : throw new FileNotFoundException($"The data file {path} does not exist.{HubName.Advice(path, "dataset")}", path);
    }

    static List<string> Matching(string pattern, Action<string>? passedOver)
    {
        var root = Path.GetPathRoot(pattern) ?? "";
        var parts = pattern[root.Length..].Split(
            [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
        var files = new List<string>();
        foreach (var file in Files(root, parts).Distinct())
        {
            if (SavedDataset.Describes(file))
            {
                passedOver?.Invoke(file);
            }
            else
            {
                files.Add(file);
            }
        }

        return files.Count > 0 ? files : throw new FileNotFoundException(
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
}
