namespace OrtDpo.Data;

/// <summary>
/// Which columns of a file rows are made of, under the names that they have there. Columns of types that are not read are passed over where
/// nobody asks for them, and refused where somebody does: a column that vanished would be called missing, though the file has it.
/// </summary>
sealed class ColumnChoice
{
    // The columns of all forms but for those by which a form is known: without them a row is of no form, which says enough.
    static readonly string[] Known =
    [
        "prompt", "chosen", "rejected", "completion", "messages", "label", "conversations", "system", "input", .. RowForm.Beside,
    ];

    readonly ColumnNames? names;
    readonly Action<UnreadColumn>? passedOver;
    readonly List<UnreadColumn> unread = [];

    /// <param name="names">The names that the columns have in the file; null: those that are known.</param>
    /// <param name="passedOver">Called once for each column that is passed over; null: nobody asks.</param>
    internal ColumnChoice(ColumnNames? names = null, Action<UnreadColumn>? passedOver = null) =>
        (this.names, this.passedOver) = (names, passedOver);

    /// <summary>Whether columns have other names in the file than those that are known.</summary>
    internal bool AreRenamed => names is not null;

    /// <summary>The columns that were passed over so far.</summary>
    internal IReadOnlyList<UnreadColumn> Unread => unread;

    /// <summary>Whether the column <paramref name="name"/> of the file is asked for.</summary>
    internal bool Has(string name) => Array.Exists(Known, known => InFile(known) == name) || names?.Names(name) == true;

    /// <summary>Whether the column <paramref name="name"/> of the file is one of <paramref name="known"/>.</summary>
    internal bool Is(string name, params ReadOnlySpan<string> known)
    {
        foreach (var one in known)
        {
            if (InFile(one) == name)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Notes a column that is not read.</summary>
    /// <param name="where">The file, or a row of it.</param>
    /// <param name="column">What it is.</param>
    /// <param name="instead">What to do where it is needed: a sentence.</param>
    /// <exception cref="NotSupportedException">The column, or the one that it is a part of, is asked for.</exception>
    internal void PassOver(string where, UnreadColumn column, string instead)
    {
        var name = column.Name.Split('/')[0];
        if (Has(name))
        {
            throw new NotSupportedException($"{where}: column '{column.Name}' has the type {column.Type}, which is not read. {instead}");
        }

        if (MediaColumn.Is(name))
        {
            throw new NotSupportedException($"{where}: column '{column.Name}' has the type {column.Type}: {MediaColumn.Advice}");
        }

        Note(column);
    }

    /// <summary>Notes a column, or a part of one that is read otherwise, that is not read and that nobody asks for.</summary>
    internal void Note(UnreadColumn column)
    {
        if (!unread.Contains(column))
        {
            unread.Add(column);
            passedOver?.Invoke(column);
        }
    }

    string InFile(string known) => names?.InFile(known) ?? known;
}
