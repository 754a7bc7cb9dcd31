using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>Forms of pairs and answers of other tools and of hosted services, whose prompt stands under another name.</summary>
static class ConversationForms
{
    /// <summary>
    /// A prompt of that column, be it text or messages, and <c>chosen</c> and <c>rejected</c> as they stand. Messages that end with the
    /// chosen answer are the prompt without it.
    /// </summary>
    internal static Action<Utf8JsonWriter, JsonRow> PromptIn(string column) => (writer, row) =>
    {
        WriteList(writer, "prompt", row, column);
        var hasMessages = row.Value.GetProperty(column).ValueKind == JsonValueKind.Array;
        foreach (var answer in (ReadOnlySpan<string>)["chosen", "rejected"])
        {
            if (hasMessages && row.Value.GetProperty(answer).ValueKind == JsonValueKind.String)
            {
                writer.WritePropertyName(answer);
                ShareGpt.WriteAnswer(writer, row.TextOf(answer));
            }
            else
            {
                Copy(writer, answer, row.Value.GetProperty(answer));
            }
        }
    };

    /// <summary>A prompt and its only completion, both text.</summary>
    internal static Action<Utf8JsonWriter, JsonRow> Supervised(string prompt, string completion) => (writer, row) =>
    {
        Copy(writer, "prompt", row.Value.GetProperty(prompt));
        Copy(writer, "completion", row.Value.GetProperty(completion));
    };

    /// <summary>Whether the answers continue <c>messages</c>, and are not whole conversations that begin with them.</summary>
    internal static bool ContinueMessages(JsonRow row)
    {
        if (MessageLists.AreWhole(row))
        {
            return false;
        }

        var messages = row.Value.GetProperty("messages");
        return messages.ValueKind == JsonValueKind.Array && messages.GetArrayLength() > 0
            && !Begins(row.Value.GetProperty("chosen"), messages[0]) && !Begins(row.Value.GetProperty("rejected"), messages[0]);
    }

    /// <summary>Whether the answers continue a prompt, and are not whole conversations that hold it.</summary>
    internal static bool ContinuePrompt(JsonRow row) => !MessageLists.AreWhole(row);

    /// <summary>ms-swift's: a conversation whose last message is the chosen answer, and the text of another.</summary>
    internal static void RejectedResponse(Utf8JsonWriter writer, JsonRow row)
    {
        var messages = row.Part("messages", JsonValueKind.Array).EnumerateArray().ToList();
        if (messages.Count < 2)
        {
            throw new InvalidDataException($"{row.Where}: 'messages' holds {messages.Count} messages; expected at least two, "
                + "of which the last is the answer that 'rejected_response' is worse than.");
        }

        WriteList(writer, "prompt", messages.SkipLast(1));
        WriteList(writer, "chosen", messages.TakeLast(1));
        writer.WritePropertyName("rejected");
        ShareGpt.WriteAnswer(writer, row.TextOf("rejected_response"));
    }

    /// <summary>ms-swift's two whole conversations.</summary>
    internal static void RejectedMessages(Utf8JsonWriter writer, JsonRow row)
    {
        Copy(writer, "chosen", row.Part("messages", JsonValueKind.Array));
        Copy(writer, "rejected", row.Part("rejected_messages", JsonValueKind.Array));
    }

    /// <summary>OpenAI's: <c>input</c> with its messages and tools, and two outputs.</summary>
    internal static void PreferredOutput(Utf8JsonWriter writer, JsonRow row)
    {
        var input = row.Value.GetProperty("input");
        var inner = row with { Value = input };
        Copy(writer, "prompt", input.ValueKind == JsonValueKind.Object ? inner.Part("messages", JsonValueKind.Array) : input);
        if (inner.Has("tools"))
        {
            Copy(writer, "tools", input.GetProperty("tools"));
        }

        Copy(writer, "chosen", row.Value.GetProperty("preferred_output"));
        Copy(writer, "rejected", row.Value.GetProperty("non_preferred_output"));
    }

    /// <summary>An instruction in Alpaca's words, and two answers.</summary>
    internal static void InstructionPair(Utf8JsonWriter writer, JsonRow row)
    {
        Instruction.WritePrompt(writer, row);
        Copy(writer, "chosen", row.Value.GetProperty("chosen"));
        Copy(writer, "rejected", row.Value.GetProperty("rejected"));
    }

    static void WriteList(Utf8JsonWriter writer, string name, JsonRow row, string column)
    {
        var value = row.Value.GetProperty(column);
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0 || !MessageLists.IsAnswer(value.EnumerateArray().Last()))
        {
            Copy(writer, name, value);
            return;
        }

        var messages = value.EnumerateArray().ToList();
        if (!IsOnly(row.Value.GetProperty("chosen"), messages[^1]))
        {
            throw new InvalidDataException($"{row.Where}: '{column}' ends with an answer, and 'chosen' and 'rejected' would answer it. "
                + "End it with what they answer.");
        }

        WriteList(writer, name, messages.SkipLast(1));
    }

    static bool IsOnly(JsonElement answer, JsonElement message) => JsonElement.DeepEquals(
        answer.ValueKind == JsonValueKind.Array && answer.GetArrayLength() == 1 ? answer[0] : answer, message);

    static bool Begins(JsonElement answer, JsonElement message) =>
        answer.ValueKind == JsonValueKind.Array && answer.GetArrayLength() > 0 && JsonElement.DeepEquals(answer[0], message);

    static void WriteList(Utf8JsonWriter writer, string name, IEnumerable<JsonElement> messages)
    {
        writer.WriteStartArray(name);
        foreach (var message in messages)
        {
            message.WriteTo(writer);
        }

        writer.WriteEndArray();
    }

    static void Copy(Utf8JsonWriter writer, string name, JsonElement value)
    {
        writer.WritePropertyName(name);
        value.WriteTo(writer);
    }
}
