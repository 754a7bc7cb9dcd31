using System.Text;
using System.Text.Json;
using OrtDpo.Linked;

namespace OrtDpo.Data;

/// <summary>
/// Turns with <c>from</c> and <c>value</c>, or messages in their columns: a conversation to imitate, or with two answers that are such
/// turns a pair. Written as lists of messages, with what LLaMA-Factory lets stand beside them: <c>system</c>, a text, and <c>tools</c>, a
/// list as text.
/// </summary>
static class ShareGpt
{
    internal static void Write(Utf8JsonWriter writer, JsonRow row)
    {
        var isPair = row.Has("chosen") || row.Has("rejected");
        var turns = row.Part("conversations", JsonValueKind.Array).EnumerateArray().Select(turn => row with { Value = turn }).ToList();
        writer.WriteStartArray(isPair ? "prompt" : "messages");
        // As LLaMA-Factory has it: a conversation that begins with a turn of the system's needs no other.
        if (System(row) is { } system && !(turns.Count > 0 && Role(turns[0]) == "system"))
        {
            WriteMessage(writer, "system", system);
        }

        foreach (var turn in turns)
        {
            WriteTurn(writer, turn);
        }

        writer.WriteEndArray();
        foreach (var answer in isPair ? (ReadOnlySpan<string>)["chosen", "rejected"] : [])
        {
            writer.WritePropertyName(answer);
            if (IsText(row, answer))
            {
                WriteAnswer(writer, row.TextOf(answer));
                continue;
            }

            writer.WriteStartArray();
            foreach (var turn in AnswerOf(row, answer))
            {
                WriteTurn(writer, turn);
            }

            writer.WriteEndArray();
        }

        WriteTools(writer, row);
    }

    static string? System(JsonRow row) =>
        row.Has("system") && row.TextOf("system") is var text && !string.IsNullOrWhiteSpace(text) ? text : null;

    static bool IsText(JsonRow row, string answer) =>
        row.Value.TryGetProperty(answer, out var value) && value.ValueKind == JsonValueKind.String;

    static IEnumerable<JsonRow> AnswerOf(JsonRow row, string answer) =>
        row.Value.TryGetProperty(answer, out var list) && list.ValueKind == JsonValueKind.Array
        ? list.EnumerateArray().Select(turn => row with { Value = turn })
        : [row with { Value = row.Part(answer, JsonValueKind.Object) }];

    // Many call the column so and write messages in it.
    static void WriteTurn(Utf8JsonWriter writer, JsonRow turn)
    {
        var isMessage = turn.Has("role") && !turn.Has("from");
        writer.WriteStartObject();
        writer.WriteString("role", Role(turn));
        if (!isMessage)
        {
            writer.WriteString("content", turn.TextOf("value"));
        }

        // What a turn says of itself beside, such as its weight, it says as a message.
        foreach (var member in turn.Value.EnumerateObject().Where(member => member.Name is not ("role" or "from")
            && (isMessage || member.Name is not ("value" or "content"))))
        {
            member.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    static string Role(JsonRow turn) => turn.Has("role") && !turn.Has("from") ? turn.TextOf("role") switch
    {
        "human" => "user",
        "gpt" or "model" or "bot" => "assistant",
        var role => role,
    }
    : turn.TextOf("from") switch
    {
        "human" or "user" => "user",
        "gpt" or "assistant" or "model" => "assistant",
        "system" => "system",
        "function_call" or "observation" => throw new NotSupportedException(
            $"{turn.Where}: a turn is from '{turn.TextOf("from")}'. Calls of functions and "
            + "their results are read from messages only: write the row as 'messages' in the words of the model's chat template."),
        var from => throw new InvalidDataException($"{turn.Where}: a turn is from '{from}'; expected human, gpt or system."),
    };

    /// <summary>Writes an answer that is text as the messages that it is: one of the assistant's.</summary>
    internal static void WriteAnswer(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartArray();
        WriteMessage(writer, "assistant", text);
        writer.WriteEndArray();
    }

    internal static void WriteMessage(Utf8JsonWriter writer, string role, string content)
    {
        writer.WriteStartObject();
        writer.WriteString("role", role);
        writer.WriteString("content", content);
        writer.WriteEndObject();
    }

    // No functions and no list of functions are the same; some templates would announce an empty list.
    static void WriteTools(Utf8JsonWriter writer, JsonRow row)
    {
        if (!row.Has("tools"))
        {
            return;
        }

        var given = row.Value.GetProperty("tools");
        using var parsed = given.ValueKind == JsonValueKind.String ? Parsed(row, row.TextOf("tools")) : null;
        var tools = parsed?.RootElement ?? given;
        if (tools.ValueKind != JsonValueKind.Array)
        {
            throw NoList(row, inner: null);
        }

        if (tools.GetArrayLength() > 0)
        {
            writer.WritePropertyName("tools");
            tools.WriteTo(writer);
        }
    }

    static JsonDocument Parsed(JsonRow row, string text)
    {
        try
        {
            return JsonBytes.Parse(Encoding.UTF8.GetBytes(string.IsNullOrWhiteSpace(text) ? "[]" : text), $"{row.Where}: 'tools'");
        }
        catch (JsonException e)
        {
            throw NoList(row, e);
        }
    }

    static InvalidDataException NoList(JsonRow row, JsonException? inner) =>
        new($"{row.Where}: 'tools' is no list of functions, nor a text that holds one as JSON. Correct the row.", inner);
}
