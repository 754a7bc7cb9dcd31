namespace OrtDpo.Data;

/// <summary>What the names of a row's columns decide, once for all rows of a file that have the same.</summary>
/// <param name="Columns">The names.</param>
/// <param name="Forms">The forms that the row may have, in the order in which they are asked.</param>
/// <param name="Scores">The columns that score the two completions of a pair; null: none do.</param>
/// <param name="Texts">The columns that hold messages or text.</param>
sealed record ColumnPlan(RowColumns Columns, RowForm[] Forms, (string Chosen, string Rejected)? Scores, string[] Texts)
{
    /// <summary>The plan of a row's columns.</summary>
    internal static ColumnPlan Of(RowColumns columns) => new(
        columns, RowForm.Possible(columns), PairScores.ColumnsOf(columns), Array.FindAll(MessageText.Columns, columns.Has));
}
