using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtDpo.Data;

/// <summary>Brings messages into the form that chat templates expect, which is not the only one in which services write them.</summary>
static class MessageContent
{
    /// <summary>The message with the arguments of its tool calls as objects, where they are JSON in a text as OpenAI has them.</summary>
    internal static JsonElement WithArguments(JsonElement message)
    {
        if (!message.TryGetProperty("tool_calls", out var calls) || calls.ValueKind != JsonValueKind.Array)
        {
            return message;
        }

        var node = JsonSerializer.SerializeToNode(message)!;
        var isChanged = false;
        foreach (var call in node["tool_calls"]!.AsArray())
        {
            var holder = call is JsonObject { } given && given["function"] is JsonObject inner ? inner : call as JsonObject;
            if (holder?["arguments"] is JsonValue value && value.GetValueKind() == JsonValueKind.String
                && ParsedObject(value.GetValue<string>()) is { } arguments)
            {
                holder["arguments"] = arguments;
                isChanged = true;
            }
        }

        return isChanged ? JsonSerializer.SerializeToElement(node) : message;
    }

    /// <summary>The message with its content as a list of parts, where it is a single one.</summary>
    /// <exception cref="InvalidDataException">The content is neither text nor parts, or the message holds what no text says.</exception>
    internal static JsonElement WithParts(JsonElement message)
    {
        if (MediaColumn.In(message) is { } media)
        {
            throw new InvalidDataException($"a message holds '{media}': {MediaColumn.Advice}");
        }

        if (!message.TryGetProperty("content", out var content)
            || content.ValueKind is JsonValueKind.String or JsonValueKind.Array or JsonValueKind.Null)
        {
            return message;
        }

        if (content.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"the content of a message is {content.GetRawText()}; expected a text, or a list of parts that "
                + "are texts. Correct the row.");
        }

        var node = JsonSerializer.SerializeToNode(message)!;
        node["content"] = new JsonArray(node["content"]!.DeepClone());
        return JsonSerializer.SerializeToElement(node);
    }

    /// <summary>
    /// Whether a message says of itself that it is not to be trained on: <c>weight</c> 0, as OpenAI has it, or <c>train</c> or
    /// <c>training</c> false, as Axolotl has it.
    /// </summary>
    internal static bool IsNotToTrain(JsonElement message) =>
        (message.TryGetProperty("weight", out var weight) && weight.ValueKind == JsonValueKind.Number && weight.GetDouble() == 0)
        || ((message.TryGetProperty("train", out var train) || message.TryGetProperty("training", out train))
            && train.ValueKind == JsonValueKind.False);

    /// <summary>Whether a message's content is a list of parts.</summary>
    internal static bool HasParts(JsonElement message) =>
        message.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array;

    /// <summary>The type of the first part that is no text; null where all are texts.</summary>
    internal static string? OtherPart(JsonElement message)
    {
        foreach (var part in message.GetProperty("content").EnumerateArray())
        {
            if (TextOf(part) is null)
            {
                return part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out var type)
                    && type.ValueKind == JsonValueKind.String ? type.GetString() : part.ValueKind.ToString();
            }
        }

        return null;
    }

    /// <summary>The message with its parts, which are texts, as one: behind each other, as templates that take parts write them.</summary>
    internal static JsonElement Joined(JsonElement message)
    {
        var text = Text(message);
        var node = JsonSerializer.SerializeToNode(message)!;
        node["content"] = text;
        return JsonSerializer.SerializeToElement(node);
    }

    /// <summary>What a message says; empty where it says nothing in words.</summary>
    internal static string Text(JsonElement message) => !message.TryGetProperty("content", out var content) ? ""
        : content.ValueKind == JsonValueKind.String ? content.GetString()!
        : content.ValueKind == JsonValueKind.Array ? string.Concat(content.EnumerateArray().Select(TextOf))
        : "";

    static string? TextOf(JsonElement part) => part.ValueKind == JsonValueKind.String ? part.GetString()
        : part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()
        : null;

    static JsonNode? ParsedObject(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            // No JSON: a template prints the text as it stands.
            return null;
        }
    }
}
