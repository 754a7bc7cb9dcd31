using OrtDpo.Batches;

namespace OrtDpo.Data;

/// <summary>Reads the rows of a data file one at a time, all of one form and kind.</summary>
static class JsonRows
{
    /// <summary>The rows; those of a published form (<see cref="RowForm"/>) in the columns that the readers know.</summary>
    /// <param name="path">The file.</param>
    /// <param name="names">The names that its columns have; null: those that are known.</param>
    /// <param name="passedOver">Called for each column that nobody asks for; null: nobody wants to know.</param>
    /// <param name="asked">What the rows are read as; null: whatever their columns say first.</param>
    /// <exception cref="InvalidDataException">
    /// The file is none of them, its rows are of several forms or kinds, or a row is not valid JSON in UTF-8.
    /// </exception>
    /// <exception cref="NotSupportedException">A Parquet file has columns that are not read.</exception>
    internal static IEnumerable<JsonRow> Read(
        string path, ColumnNames? names = null, Action<UnreadColumn>? passedOver = null, RowKind? asked = null)
    {
        var columns = new ColumnChoice(names, passedOver);
        var use = new ColumnUse(passedOver);
        (string Where, RowForm? Form, RowShape? Shape)? first = null;
        var known = RowColumns.Of(default);
        var possible = RowForm.Possible(known);
        (string, string)? scores = null;
        string[] texts = [];
        // Whether rows of text become conversations: decided by the whole file, so that all of them fare alike.
        var areConversations = false;
        foreach (var found in FileRows.Read(path, columns))
        {
            using var renamed = names?.Rename(found);
            var named = renamed is null ? found : found with { Value = renamed.RootElement };
            if (!known.AreOf(named.Value))
            {
                known = RowColumns.Of(named.Value);
                possible = RowForm.Possible(known);
                scores = PairScores.ColumnsOf(known);
                texts = Array.FindAll(MessageText.Columns, known.Has);
            }

            using var parsed = MessageText.Rewrite(named, texts);
            var row = parsed is null ? named : named with { Value = parsed.RootElement };
            row = scores is { } ofBoth ? row with { Scores = PairScores.Of(row.Value, ofBoth) } : row;
            var form = RowForm.Of(row, possible);
            var hasContext = RowContext.IsNamedIn(known, form);
            areConversations = first is null ? hasContext && RowContext.IsIn(path, names) : areConversations;
            row = row with { IsOfConversations = areConversations };
            if (first is { } one && form != one.Form)
            {
                throw new InvalidDataException(
                    $"{row.Where}: the row {RowForm.NameOf(form)}, and {one.Where} {RowForm.NameOf(one.Form)}. "
                    + "All rows of a file are of one form: split the file in two.");
            }

            var asFound = row;
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

            use.Check(asFound, known, form, shape is { } of ? of.ReadAs(asked, row) : null);
            using var conversation = areConversations || hasContext
                ? RowContext.Rewrite(row, shape is { HasMessages: true }, first.Value.Where)
                : null;
            yield return conversation is null
                ? row
                : row with { Value = conversation.RootElement, Context = RowContext.ColumnOf(row) ?? "system" };
        }
    }
}
