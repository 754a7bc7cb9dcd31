using System.Text.RegularExpressions;

namespace OrtDpo.Data;

/// <summary>Held-out files as they are given: a path, or <c>NAME=PATH</c> for one of a set that is judged by itself.</summary>
public static partial class HeldOutFiles
{
    // eval_nll_loss is the negative log-likelihood among the metrics of rows without a set.
    const string Taken = "nll";

    /// <summary>The set's name, and the path; no name where the text begins with none, such as <c>./a=b.jsonl</c>.</summary>
    /// <param name="given">What was given.</param>
    /// <exception cref="ArgumentException">There is no path behind the name, or the whole is the path of a file, too.</exception>
    public static (string? Set, string Path) Split(string given)
    {
        if (Named().Match(given) is not { Success: true } named)
        {
            return (null, given);
        }

        var (set, path) = (named.Groups["set"].Value, named.Groups["path"].Value);
        if (path.Length == 0)
        {
            throw new ArgumentException($"{given} names a set and no file; expected NAME=FILE.", nameof(given));
        }

        if (set == Taken)
        {
            throw new ArgumentException(
                $"{given} names a set {Taken}, whose eval_{Taken}_loss is the name of another metric. Choose another name.", nameof(given));
        }

        return File.Exists(given)
            ? throw new ArgumentException(
                $"{given} is a file, and reads as the set {set} of {path}. Give it as {System.IO.Path.Combine(".", given)}, or rename it.",
                nameof(given))
            : (set, path);
    }

    /// <summary>The files of what was given, each with its set; a folder's or pattern's are all in the same.</summary>
    /// <param name="given">Paths, with or without a set.</param>
    /// <param name="passedOver">Called for each file of a folder that is not read; null: nobody asks.</param>
    /// <exception cref="ArgumentException">See <see cref="Split"/>.</exception>
    /// <exception cref="FileNotFoundException">A folder holds no data files, or a pattern matches none.</exception>
    /// <exception cref="InvalidDataException">A file or folder holds no rows of its own.</exception>
    public static IReadOnlyList<(string? Set, string Path)> Expand(IReadOnlyList<string> given, Action<string>? passedOver = null) =>
    [
        .. given.Select(Split).SelectMany(
            named => DataPaths.Expand([named.Path], passedOver).Select(path => (named.Set, Path: path))),
    ];

    // What is no word before the sign is part of a path.
    [GeneratedRegex("^(?<set>[A-Za-z0-9_-]+)=(?<path>.*)$", RegexOptions.Singleline)]
    private static partial Regex Named();
}
