using System.Buffers;
using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>
/// Rows that are nested deeper than <see cref="Read"/>, the bound up to which messages are written for templates. Traces and syntax trees
/// are; the columns that hold them are left out, unless somebody asks for them.
/// </summary>
static class JsonDepth
{
    /// <summary>How deep the columns of a row may be nested that are read, the row itself counted.</summary>
    internal const int Read = 64;

    /// <summary>How deep a row may be nested, whatever is read of it.</summary>
    internal const int Bound = 512;

    /// <summary>A reader's options for text whose depth is looked at later.</summary>
    internal static JsonReaderOptions Unbounded => new() { MaxDepth = int.MaxValue, AllowMultipleValues = true };

    /// <summary>The row without its deep columns; null: it is no JSON, or not that deep.</summary>
    /// <exception cref="InvalidDataException">It is deeper than <see cref="Bound"/>, or a column that is asked for is deep.</exception>
    internal static JsonDocument? WithoutDeepColumns(ReadOnlyMemory<byte> row, string where, ColumnChoice columns)
    {
        if (DeepColumns(row.Span, where) is not { Depth: > Read } found)
        {
            return null;
        }

        if (found.Depth > Bound)
        {
            throw new InvalidDataException($"{where}: the row is nested deeper than {Bound}. Leave the column out that is.");
        }

        foreach (var name in found.Columns)
        {
            columns.PassOver(where, new UnreadColumn(name, $"JSON nested deeper than {Read}"), "Write the row flatter.");
        }

        using var whole = Parse(row, where);
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            foreach (var member in whole.RootElement.EnumerateObject().Where(member => !found.Columns.Contains(member.Name)))
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return JsonDocument.Parse(text.WrittenMemory);
    }

    static JsonDocument Parse(ReadOnlyMemory<byte> row, string where)
    {
        try
        {
            return JsonDocument.Parse(row, new JsonDocumentOptions { MaxDepth = Bound, AllowDuplicateProperties = false });
        }
        catch (InvalidOperationException e)
        {
            throw JsonRowText.HalfName(where, e);
        }
    }

    static (int Depth, HashSet<string> Columns)? DeepColumns(ReadOnlySpan<byte> row, string where)
    {
        var reader = new Utf8JsonReader(row, new JsonReaderOptions { MaxDepth = int.MaxValue });
        var (depth, column, deep) = (0, "", new HashSet<string>());
        try
        {
            while (reader.Read())
            {
                if (reader is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 })
                {
                    column = reader.GetString()!;
                }

                // At the beginning of an object or array the depth is still that around it.
                var here = reader.CurrentDepth + (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject ? 1 : 0);
                depth = Math.Max(depth, here);
                if (here > Read)
                {
                    deep.Add(column);
                }
            }
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException e)
        {
            throw JsonRowText.HalfName(where, e);
        }

        return (depth, deep);
    }
}
