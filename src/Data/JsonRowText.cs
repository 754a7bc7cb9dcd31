using System.Text.Json;
using OrtDpo.Linked;

namespace OrtDpo.Data;

/// <summary>The text of one row of a JSON file.</summary>
static class JsonRowText
{
    static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = JsonDepth.Read };

    /// <summary>Parses a row that begins at <paramref name="line"/>, counted from 1.</summary>
    /// <exception cref="InvalidDataException">It is not JSON in UTF-8, or a column holds half of a character.</exception>
    internal static JsonDocument Parse(ReadOnlyMemory<byte> row, string path, long line, ColumnChoice columns)
    {
        if (JsonBytes.BadByte(row.Span) is { } bad)
        {
            var at = line + row.Span[..bad].Count((byte)'\n');
            throw new InvalidDataException($"{path} line {at}: the bytes are not valid UTF-8. Convert the file to UTF-8.");
        }

        return Parse(row, $"{path} line {line}", columns, e => Fault(row.Span, path, line, e));
    }

    /// <summary>Parses a row that was put together from columns.</summary>
    /// <inheritdoc cref="Parse(ReadOnlyMemory{byte}, string, long, ColumnChoice)"/>
    internal static JsonDocument Parse(ReadOnlyMemory<byte> row, string where, ColumnChoice columns) =>
        Parse(row, where, columns, e => JsonFault.Of(where, [], 0, e));

    static JsonDocument Parse(ReadOnlyMemory<byte> row, string where, ColumnChoice columns, Func<JsonException, InvalidDataException> fault)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(row, Options);
        }
        catch (JsonException e)
        {
            return JsonDepth.WithoutDeepColumns(row, where, columns) ?? throw fault(e);
        }
        catch (InvalidOperationException e)
        {
            throw HalfName(where, e);
        }

        if (JsonBytes.LoneSurrogate(row.Span) is not null)
        {
            RequireCharacters(document.RootElement, where, columns);
        }

        return document;
    }

    // JsonDocument does not say where it stopped, and a reader does; of names that occur twice the reader knows nothing.
    static InvalidDataException Fault(ReadOnlySpan<byte> row, string path, long line, JsonException e)
    {
        var reader = new Utf8JsonReader(row, JsonDepth.Unbounded);
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (JsonException)
        {
            return JsonFault.Of($"{path} line {line + (e.LineNumber ?? 0)}", row, (int)reader.BytesConsumed, e);
        }

        return JsonFault.Of($"{path} line {line + (e.LineNumber ?? 0)}", [], 0, e);
    }

    /// <summary>Names are compared with each other while a row is parsed, at any depth; what strings hold is not looked at then.</summary>
    internal static InvalidDataException HalfName(string where, InvalidOperationException e) =>
        new($"{where}: a name in the row holds half of a surrogate pair, which is no character. Correct the row.", e);

    // What nobody asks for is never looked into.
    static void RequireCharacters(JsonElement row, string where, ColumnChoice columns)
    {
        if (row.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var member in row.EnumerateObject())
        {
            if (columns.Has(member.Name))
            {
                JsonRow.RequireCharacters(where, member.Name, member.Value);
            }
        }
    }
}
