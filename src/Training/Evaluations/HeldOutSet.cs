namespace OrtDpo.Training;

/// <summary>Held-out rows that are judged together.</summary>
/// <param name="Name">The set's name; null: the rows that have none.</param>
/// <param name="Rows">Its rows; at least one.</param>
public sealed record HeldOutSet(string? Name, IReadOnlyList<TrainingRow> Rows)
{
    /// <summary>What the names of a set's metrics begin with, as TRL has it: <c>eval_</c>, or <c>eval_NAME_</c>.</summary>
    public string Prefix => PrefixOf(Name);

    /// <summary>The prefix of a set of that name.</summary>
    public static string PrefixOf(string? name) => name is null ? "eval_" : $"eval_{name}_";

    /// <summary>The sets of rows: those without a name first, then in the order of their names.</summary>
    public static IReadOnlyList<HeldOutSet> Of(IReadOnlyList<TrainingRow> rows) =>
    [
        .. rows.GroupBy(row => row.Set ?? "")
            .OrderBy(set => set.Key, StringComparer.Ordinal)
            .Select(set => new HeldOutSet(set.Key.Length == 0 ? null : set.Key, [.. set])),
    ];
}
