using System.Text.Json;

namespace OrtDpo.Core.Data;

/// <summary>Turns with <c>from</c> and <c>value</c>, and the two answers as such turns: written as lists of messages.</summary>
internal static class ShareGpt
{
    internal static void Write(Utf8JsonWriter writer, JsonRow row)
    {
        writer.WriteStartArray("prompt");
        foreach (var turn in row.Part("conversations", JsonValueKind.Array).EnumerateArray())
        {
            WriteTurn(writer, row with { Value = turn });
        }

        writer.WriteEndArray();
        foreach (var answer in (ReadOnlySpan<string>)["chosen", "rejected"])
        {
            writer.WriteStartArray(answer);
            WriteTurn(writer, row with { Value = row.Part(answer, JsonValueKind.Object) });
            writer.WriteEndArray();
        }
    }

    static void WriteTurn(Utf8JsonWriter writer, JsonRow turn)
    {
        var from = turn.TextOf("from");
        writer.WriteStartObject();
        writer.WriteString("role", from switch
        {
            "human" or "user" => "user",
            "gpt" or "assistant" or "model" => "assistant",
            "system" => "system",
            _ => throw new InvalidDataException($"{turn.Where}: a turn is from '{from}'; expected human, gpt or system."),
        });
        writer.WriteString("content", turn.TextOf("value"));
        writer.WriteEndObject();
    }
}
