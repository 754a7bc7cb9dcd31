using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>JSON in a cell of a table: a column of the type JSON, whose text becomes a part of the row.</summary>
static class JsonCell
{
    /// <summary>Writes what <paramref name="text"/> holds.</summary>
    /// <exception cref="JsonException">It is no JSON; the message says so with the column.</exception>
    internal static void Write(Utf8JsonWriter writer, string column, string text)
    {
        try
        {
            // Whether names repeat is looked at in the whole row.
            using (JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = JsonDepth.Bound }))
            {
                writer.WriteRawValue(text, skipInputValidation: true);
            }
        }
        catch (JsonException e)
        {
            throw new JsonException($"column '{column}' is of the type JSON, and its text is not valid JSON ({e.Message.TrimEnd('.')})", e);
        }
    }

    /// <summary>A row that was put together from columns.</summary>
    /// <exception cref="InvalidDataException">A cell is no JSON, or the row is deeper than rows may be.</exception>
    internal static JsonDocument Whole(string where, ColumnChoice columns, Func<ReadOnlyMemory<byte>> write)
    {
        ReadOnlyMemory<byte> row;
        try
        {
            row = write();
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{where}: {e.Message}. Correct the row.", e);
        }

        return JsonRowText.Parse(row, where, columns);
    }
}
