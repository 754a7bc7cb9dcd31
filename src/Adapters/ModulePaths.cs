namespace OrtDpo.Adapters;

/// <summary>Paths of modules, such as <c>model.layers.0.mlp.up_proj</c>, and what is said of them in messages.</summary>
static class ModulePaths
{
    const int Listed = 12;

    /// <summary>Whether <paramref name="path"/> is <paramref name="entry"/>, or ends with it after a dot.</summary>
    public static bool IsOrEndsWith(string path, string entry) =>
        path.EndsWith(entry, StringComparison.Ordinal) && (path.Length == entry.Length || path[^(entry.Length + 1)] == '.');

    /// <summary>The module and those that it lies in, innermost first.</summary>
    public static IEnumerable<string> Upwards(string path)
    {
        for (var end = path.Length; end > 0; end = path.LastIndexOf('.', end - 1))
        {
            yield return path[..end];
        }
    }

    /// <summary>The last steps of paths, each once.</summary>
    public static string LastSteps(IEnumerable<string> paths) => Some(paths.Select(path => path[(path.LastIndexOf('.') + 1)..]).Distinct());

    /// <summary>The first of <paramref name="names"/>, and how many more there are.</summary>
    public static string Some(IEnumerable<string> names)
    {
        var all = names.ToList();
        return all.Count <= Listed
            ? string.Join(", ", all)
            : FormattableString.Invariant($"{string.Join(", ", all.Take(Listed))} and {all.Count - Listed} more");
    }

    public static string Quoted(IEnumerable<string> names) => Some(names.Select(name => $"'{name}'"));
}
