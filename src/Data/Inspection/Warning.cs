namespace OrtDpo.Data.Inspection;

/// <summary>Something about the data that a person should look at before training.</summary>
/// <param name="Kind">Its name, for machines: <c>identical_completions</c>.</param>
/// <param name="Count">Rows concerned; 0 where it concerns the data as a whole.</param>
/// <param name="Text">What was found and why it matters.</param>
/// <param name="Rows">The rows, "source:row".</param>
public sealed record Warning(string Kind, int Count, string Text, IReadOnlyList<string> Rows)
{
    /// <summary>A warning of <paramref name="rows"/>; none where there are none.</summary>
    internal static IEnumerable<Warning> OfRows(string kind, IEnumerable<InspectedRow> rows, string text) =>
        rows.Select(row => row.Id).Distinct().ToList() is { Count: > 0 } ids ? [new Warning(kind, ids.Count, text, ids)] : [];

    /// <summary>A warning of the data as a whole.</summary>
    internal static Warning OfAll(string kind, string text) => new(kind, 0, text, []);
}
