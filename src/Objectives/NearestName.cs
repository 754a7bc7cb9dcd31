namespace OrtDpo.Objectives;

/// <summary>The name that somebody who mistyped may have meant.</summary>
public static class NearestName
{
    const int Far = 3;

    /// <summary>The first of the nearest <paramref name="names"/>, less than three edits away; null where there is none.</summary>
    public static string? Of(string typed, IEnumerable<string> names) =>
        names.Select(name => (Name: name, Distance: EditDistance(typed, name))).Where(near => near.Distance < Far)
            .OrderBy(near => near.Distance).Select(near => near.Name).FirstOrDefault();

    // Levenshtein distance by rows.
    static int EditDistance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }
}
