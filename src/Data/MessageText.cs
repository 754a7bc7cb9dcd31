using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>Messages that stand in a text as JSON, as in tables without lists, and where each column was written by itself.</summary>
static class MessageText
{
    /// <summary>The columns that hold messages, functions, or text.</summary>
    internal static readonly string[] Columns = ["prompt", "chosen", "rejected", "completion", "messages", "conversations", "tools"];

    /// <summary>The row with its texts of messages as the messages; null where it has none.</summary>
    /// <param name="row">A row of any file.</param>
    /// <param name="columns">Those of <see cref="Columns"/> that it has.</param>
    /// <exception cref="InvalidDataException">A text is a list of messages as Python prints it.</exception>
    internal static JsonDocument? Rewrite(JsonRow row, string[] columns)
    {
        if (!Array.Exists(columns, column => MayBeMessages(row.Value.GetProperty(column)))
            || !Array.Exists(columns, column => Are(row, column)))
        {
            return null;
        }

        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            foreach (var member in row.Value.EnumerateObject())
            {
                writer.WritePropertyName(member.Name);
                if (columns.Contains(member.Name) && Are(row, member.Name))
                {
                    writer.WriteRawValue(row.TextOf(member.Name), skipInputValidation: true);
                }
                else
                {
                    writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
                }
            }

            writer.WriteEndObject();
        }

        return JsonDocument.Parse(text.WrittenMemory);
    }

    /// <summary>Whether <paramref name="text"/> is JSON of messages: objects with a role, with from or of the type function.</summary>
    // No text that anybody would write by itself.
    internal static bool AreMessages(string text)
    {
        try
        {
            using var cell = JsonDocument.Parse(text);
            return cell.RootElement.ValueKind == JsonValueKind.Object
                ? IsMessage(cell.RootElement)
                : cell.RootElement.ValueKind == JsonValueKind.Array
                    && cell.RootElement.GetArrayLength() > 0 && cell.RootElement.EnumerateArray().All(IsMessage);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or a name in it that is no text.
            return false;
        }
    }

    /// <summary>What is said of a list of messages as Python prints it.</summary>
    internal static InvalidDataException OfPython(string where, string name) => new($"{where}: '{name}' holds a list as Python prints it, "
        + "which is no JSON. Write the column with json.dumps, or the rows as JSON Lines.");

    static bool Are(JsonRow row, string column)
    {
        if (!MayBeMessages(row.Value.GetProperty(column)))
        {
            return false;
        }

        var text = row.TextOf(column);
        return AreMessages(text) || (IsPython(text) ? throw OfPython(row.Where, column) : false);
    }

    // Before anything is unescaped: most columns are texts, and most texts are none.
    static bool MayBeMessages(JsonElement value) => value.ValueKind == JsonValueKind.String
        && JsonMarshal.GetRawUtf8Value(value)[1..].TrimStart((byte)' ') is [(byte)'[' or (byte)'{', ..];

    static bool IsPython(string text)
    {
        var begin = text.AsSpan().TrimStart().TrimStart('[').TrimStart();
        return begin.StartsWith("{'role':", StringComparison.Ordinal) || begin.StartsWith("{'from':", StringComparison.Ordinal)
            || begin.StartsWith("{'content':", StringComparison.Ordinal) || begin.StartsWith("{'value':", StringComparison.Ordinal);
    }

    static bool IsMessage(JsonElement item) => item.ValueKind == JsonValueKind.Object
        && (item.TryGetProperty("role", out _) || item.TryGetProperty("from", out _) || item.TryGetProperty("function", out _));
}
