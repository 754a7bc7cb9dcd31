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
        FirstRow? first = null;
        var plan = ColumnPlan.Of(RowColumns.Of(default));
        // Whether rows of text become conversations: decided by the whole file, so that all of them fare alike.
        var areConversations = false;
        foreach (var found in FileRows.Read(path, columns))
        {
            using var renamed = names?.Rename(found);
            var named = renamed is null ? found : found with { Value = renamed.RootElement };
            plan = plan.Columns.AreOf(named.Value) ? plan : ColumnPlan.Of(RowColumns.Of(named.Value));
            using var parsed = MessageText.Rewrite(named, plan.Texts);
            var row = parsed is null ? named : named with { Value = parsed.RootElement };
            var form = RowForm.Of(row, plan.Forms);
            var hasContext = RowContext.IsNamedIn(plan.Columns, form);
            areConversations = first is null ? hasContext && RowContext.IsIn(path, names) : areConversations;
            row = row with
            {
                IsOfConversations = areConversations,
                Scores = plan.Scores is { } scores ? PairScores.Of(row.Value, scores) : null,
            };
            first?.RequireForm(row, form);
            using var rewritten = form?.Rewrite(row);
            var known = rewritten is null ? row : row with { Value = rewritten.RootElement };
            var shape = RowShape.Of(known);
            RequireReadable(known, form, shape, columns, isFirst: first is null);
            first ??= new FirstRow(known.Where, form, shape);
            first.RequireShape(known, shape);
            use.Check(row, plan.Columns, form, shape?.ReadAs(asked, known));
            using var conversation = areConversations || hasContext
                ? RowContext.Rewrite(known, shape is { HasMessages: true }, first.Where)
                : null;
            yield return conversation is null
                ? known
                : known with { Value = conversation.RootElement, Context = RowContext.ColumnOf(known) ?? "system" };
        }
    }

    // The kind of the file's first row may stand in the columns that are not read.
    static void RequireReadable(JsonRow row, RowForm? form, RowShape? shape, ColumnChoice columns, bool isFirst)
    {
        if (isFirst && form is null && shape is null && columns.Unread.Count > 0)
        {
            var unread = string.Join(", ", columns.Unread.Select(column => $"'{column.Name}' ({column.Type})"));
            throw new NotSupportedException($"{row.Where}: the row is of no known kind, and of its columns these are not read: "
                + $"{unread}. Rewrite those that matter as text, numbers, lists or structs.");
        }
    }

    /// <summary>What the other rows of a file are compared with.</summary>
    sealed record FirstRow(string Where, RowForm? Form, RowShape? Shape)
    {
        public void RequireForm(JsonRow row, RowForm? form)
        {
            if (form != Form)
            {
                throw new InvalidDataException($"{row.Where}: the row {RowForm.NameOf(form)}, and {Where} {RowForm.NameOf(Form)}. "
                    + "All rows of a file are of one form: split the file in two.");
            }
        }

        // What is no row of any kind is for the reader to refuse.
        public void RequireShape(JsonRow row, RowShape? shape)
        {
            if (shape is not null && Shape is not null && shape != Shape)
            {
                throw new InvalidDataException($"{row.Where}: the row is {shape}, and {Where} is {Shape}. "
                    + "All rows of a file are of one kind: split the file in two.");
            }
        }
    }
}
