using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>
/// Messages that stand in a text as JSON, as in tables without lists, and where each column was written by itself. A model may also be
/// asked about such JSON, or answer with it, so that not one text but the row decides.
/// </summary>
static class MessageText
{
    /// <summary>The columns that hold messages, functions, or text.</summary>
    internal static readonly string[] Columns = ["prompt", "chosen", "rejected", "completion", "messages", "conversations", "tools"];

    static readonly string[] Answers = ["chosen", "rejected", "completion"];

    /// <summary>The row with its texts of messages as the messages; null where it has none.</summary>
    /// <param name="row">A row of any file.</param>
    /// <param name="columns">Those of <see cref="Columns"/> that it has.</param>
    /// <exception cref="InvalidDataException">A text is a list of messages as Python prints it.</exception>
    internal static JsonDocument? Rewrite(JsonRow row, string[] columns)
    {
        if (!Array.Exists(columns, column => MayBeMessages(row.Value.GetProperty(column))))
        {
            return null;
        }

        var texts = columns.Where(column => row.Value.GetProperty(column).ValueKind == JsonValueKind.String)
            .ToDictionary(column => column, row.TextOf);
        RefusePython(row, columns, texts);
        var written = texts.Where(text => AreMessages(text.Value)).Select(text => text.Key).ToList();
        var isConversation = written.Contains("prompt") || AnswersAreMessages(row, columns, written);
        written.RemoveAll(column => !isConversation && (column == "prompt" || Answers.Contains(column)));
        if (written.Count == 0)
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
                if (written.Contains(member.Name))
                {
                    writer.WriteRawValue(texts[member.Name], skipInputValidation: true);
                }
                else if (isConversation && Answers.Contains(member.Name) && texts.TryGetValue(member.Name, out var answer))
                {
                    ShareGpt.WriteAnswer(writer, answer);
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
    internal static bool AreMessages(string text) => Parsed(text) is not null;

    /// <summary>What is said of a list of messages as Python prints it.</summary>
    internal static InvalidDataException OfPython(string where, string name) => new($"{where}: '{name}' holds a list as Python prints it, "
        + "which is no JSON. Write the column with json.dumps, or the rows as JSON Lines.");

    // Beside the text of a prompt, the answers must be the assistant's messages, or those of a pair whole conversations.
    static bool AnswersAreMessages(JsonRow row, string[] columns, List<string> written)
    {
        var answers = Array.FindAll(Answers, columns.Contains);
        if (answers.Length == 0 || !Array.TrueForAll(answers, answer => written.Contains(answer) || IsList(row, answer)))
        {
            return false;
        }

        return !columns.Contains("prompt") || IsList(row, "prompt")
            || Array.TrueForAll(answers, answer => IsList(row, answer) || IsAnswer(row.TextOf(answer))
                || (answers.Length > 1 && IsConversation(row.TextOf(answer))));
    }

    static bool IsAnswer(string text)
    {
        using var parsed = Parsed(text);
        return parsed?.RootElement is { } message
            && MessageLists.IsAnswer(message.ValueKind == JsonValueKind.Array ? message[0] : message);
    }

    static bool IsConversation(string text)
    {
        using var list = Parsed(text);
        return list?.RootElement is { ValueKind: JsonValueKind.Array } messages && messages.GetArrayLength() > 1
            && !MessageLists.IsAnswer(messages[0]) && MessageLists.IsAnswer(messages.EnumerateArray().Last());
    }

    static bool IsList(JsonRow row, string column) =>
        row.Value.GetProperty(column).ValueKind is JsonValueKind.Array or JsonValueKind.Object;

    // Where they alone can be messages, or all answers are.
    static void RefusePython(JsonRow row, string[] columns, Dictionary<string, string> texts)
    {
        var python = texts.Where(text => IsPython(text.Value)).Select(text => text.Key).ToList();
        var answers = Array.FindAll(Answers, columns.Contains);
        if (python.Find(column => column != "prompt" && !Answers.Contains(column)) is { } column)
        {
            throw OfPython(row.Where, column);
        }

        if (answers.Length > 0 && Array.TrueForAll(answers, python.Contains))
        {
            throw OfPython(row.Where, answers[0]);
        }

        if (python.Contains("prompt"))
        {
            throw OfPython(row.Where, "prompt");
        }
    }

    static JsonDocument? Parsed(string text)
    {
        if (text.AsSpan().TrimStart() is not ['[' or '{', ..])
        {
            return null;
        }

        try
        {
            var parsed = JsonDocument.Parse(text);
            if (parsed.RootElement.ValueKind == JsonValueKind.Object
                ? IsMessage(parsed.RootElement)
                : parsed.RootElement.GetArrayLength() > 0 && parsed.RootElement.EnumerateArray().All(IsMessage))
            {
                return parsed;
            }

            parsed.Dispose();
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or a name in it that is no text.
            return null;
        }
    }

    // Before anything is unescaped: most columns are texts, and most texts are none.
    static bool MayBeMessages(JsonElement value) => value.ValueKind == JsonValueKind.String
        && JsonMarshal.GetRawUtf8Value(value)[1..].TrimStart((byte)' ') is [(byte)'[' or (byte)'{', ..];

    // The whole text, as print writes a list of messages.
    static bool IsPython(string text)
    {
        var whole = text.AsSpan().Trim();
        var begin = whole.TrimStart('[').TrimStart();
        return whole is ['[', .., ']'] && (begin.StartsWith("{'role':", StringComparison.Ordinal)
            || begin.StartsWith("{'from':", StringComparison.Ordinal) || begin.StartsWith("{'content':", StringComparison.Ordinal)
            || begin.StartsWith("{'value':", StringComparison.Ordinal));
    }

    // No text that anybody would write by itself.
    static bool IsMessage(JsonElement item) => item.ValueKind == JsonValueKind.Object
        && (item.TryGetProperty("role", out _) || item.TryGetProperty("from", out _) || item.TryGetProperty("function", out _));
}
