using System.Runtime.InteropServices;
using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>
/// The names of a row's columns, in their order, and which of them are null. The rows of a file mostly have the same, and what follows
/// from them is decided once.
/// </summary>
sealed class RowColumns
{
    readonly (byte[] Raw, string Name, bool IsNull)[] columns;

    RowColumns((byte[] Raw, string Name, bool IsNull)[] columns) => this.columns = columns;

    /// <summary>The columns of <paramref name="row"/>; none where it is no object.</summary>
    internal static RowColumns Of(JsonElement row) => new(row.ValueKind != JsonValueKind.Object ? [] :
        [.. row.EnumerateObject().Select(column => (
            JsonMarshal.GetRawUtf8PropertyName(column).ToArray(), column.Name, column.Value.ValueKind == JsonValueKind.Null))]);

    /// <summary>Whether <paramref name="row"/> has the same columns in the same order, and the same of them null.</summary>
    internal bool AreOf(JsonElement row)
    {
        if (row.ValueKind != JsonValueKind.Object)
        {
            return columns.Length == 0;
        }

        var i = 0;
        foreach (var column in row.EnumerateObject())
        {
            if (i == columns.Length || columns[i].IsNull != (column.Value.ValueKind == JsonValueKind.Null)
                || !JsonMarshal.GetRawUtf8PropertyName(column).SequenceEqual(columns[i].Raw))
            {
                return false;
            }

            i++;
        }

        return i == columns.Length;
    }

    /// <summary>Whether there is a column <paramref name="name"/>, null or not.</summary>
    internal bool Contains(string name) => Array.Exists(columns, column => column.Name == name);

    /// <summary>Whether there is a column <paramref name="name"/> that is not null.</summary>
    internal bool Has(string name) => Array.Exists(columns, column => column.Name == name && !column.IsNull);
}
