namespace OrtDpo.Data;

/// <summary>Reads the rows of a data file one at a time, all of one form and kind.</summary>
static class JsonRows
{
    /// <summary>The rows; those of a published form (<see cref="RowForm"/>) in the columns that the readers know.</summary>
    /// <param name="path">The file.</param>
    /// <param name="names">The names that its columns have; null: those that are known.</param>
    /// <param name="passedOver">Called for each column that nobody asks for; null: nobody wants to know.</param>
    /// <exception cref="InvalidDataException">
    /// The file is none of them, its rows are of several forms or kinds, or a row is not valid JSON in UTF-8.
    /// </exception>
    /// <exception cref="NotSupportedException">A Parquet file has columns that are not read.</exception>
    internal static IEnumerable<JsonRow> Read(string path, ColumnNames? names = null, Action<UnreadColumn>? passedOver = null)
    {
        var columns = new ColumnChoice(names, passedOver);
        var use = new ColumnUse(passedOver);
        (string Where, RowForm? Form, RowShape? Shape)? first = null;
        var known = RowColumns.Of(default);
        var possible = RowForm.Possible(known);
        (string, string)? scores = null;
        foreach (var found in FileRows.Read(path, columns))
        {
            using var renamed = names?.Rename(found);
            var row = renamed is null ? found : found with { Value = renamed.RootElement };
            if (!known.AreOf(row.Value))
            {
                known = RowColumns.Of(row.Value);
                possible = RowForm.Possible(known);
                scores = PairScores.ColumnsOf(known);
            }

            row = scores is { } named ? row with { Scores = PairScores.Of(row.Value, named) } : row;

            var form = RowForm.Of(row, possible);
            if (first is { } one && form != one.Form)
            {
                throw new InvalidDataException(
                    $"{row.Where}: the row is of the form '{form?.Name ?? "plain"}', and {one.Where} of the form "
                    + $"'{one.Form?.Name ?? "plain"}'. All rows of a file are of one form: split the file in two.");
            }

            using var rewritten = form?.Rewrite(row);
            row = rewritten is null ? row : row with { Value = rewritten.RootElement };
            var shape = RowShape.Of(row);
            if (first is null && form is null && shape is null && columns.Unread.Count > 0)
            {
                var unread = string.Join(", ", columns.Unread.Select(column => $"'{column.Name}' ({column.Type})"));
                throw new NotSupportedException($"{row.Where}: the row is of no known kind, and of its columns these are not read: "
                    + $"{unread}. Rewrite those that matter as text, numbers, lists or structs.");
            }

            first ??= (row.Where, form, shape);
            // What is no row of any kind is for the reader to refuse.
            if (shape is not null && first.Value.Shape is { } other && shape != other)
            {
                throw new InvalidDataException($"{row.Where}: the row is {shape}, and {first.Value.Where} is {other}. "
                    + "All rows of a file are of one kind: split the file in two.");
            }

            use.Check(renamed is null ? found : found with { Value = renamed.RootElement }, known, form, shape);
            using var conversation = form is not null || RowContext.MayBeIn(known) ? RowContext.Rewrite(row) : null;
            yield return conversation is null
                ? row
                : row with { Value = conversation.RootElement, Context = RowContext.ColumnOf(row) };
        }
    }
}
