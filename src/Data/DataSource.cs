namespace OrtDpo.Data;

/// <summary>A data file and the name that its rows carry.</summary>
/// <param name="Path">Where the file lies.</param>
/// <param name="Name">File name, with as many folders before it as tell it from the other files of the run.</param>
public sealed record DataSource(string Path, string Name)
{
    /// <summary>The names that its columns have; null: those that the readers know.</summary>
    public ColumnNames? Columns { get; init; }

    /// <summary>
    /// How often each of its training rows is used, on average: 0.5 = half of its prompts, 2 = each twice; held-out rows count once.
    /// </summary>
    public double Weight { get; init; } = 1;

    /// <summary>
    /// Of a file that is held out whole: the name of the set whose metrics its rows count in; null: those of all rows without one.
    /// </summary>
    public string? Set { get; init; }

    /// <summary>Names files so that the same files give the same names wherever they lie.</summary>
    /// <exception cref="ArgumentException">A file is listed twice.</exception>
    public static IReadOnlyList<DataSource> FromPaths(IReadOnlyList<string> paths, ColumnNames? columns = null)
    {
        var parts = paths.Select(p => System.IO.Path.GetFullPath(p).Replace('\\', '/').Split('/')).ToList();
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts.FindIndex(other => other.SequenceEqual(parts[i])) < i)
            {
                throw new ArgumentException($"{paths[i]} is given twice as data; give each file once.", nameof(paths));
            }
        }

        var segments = 1;
        while (parts.Select(p => LastOf(p, segments)).Distinct().Count() < parts.Count)
        {
            segments++;
        }

        return [.. paths.Select((path, i) => new DataSource(path, LastOf(parts[i], segments)) { Columns = columns })];
    }

    static string LastOf(string[] parts, int count) => string.Join('/', parts.TakeLast(count));
}
