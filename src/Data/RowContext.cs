using System.Buffers;
using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>
/// What stands beside a row and comes before its prompt: the system's text (<c>system</c>, <c>system_prompt</c>) and earlier turns
/// (<c>history</c>, pairs of what a user said and the answer). Such a row is a conversation: its texts become messages.
/// </summary>
static class RowContext
{
    static readonly string[] SystemNames = ["system", "system_prompt"];
    static readonly string[] Names = [.. SystemNames, "history"];
    static readonly string[] Completions = ["chosen", "rejected", "completion"];

    /// <summary>Whether a row with these columns has one of a context, be it empty, that its form leaves as it stands.</summary>
    internal static bool IsNamedIn(RowColumns columns, RowForm? form) =>
        Array.Exists(Names, name => columns.Contains(name) && form?.Names(name) != true);

    /// <summary>Whether a row of the file has a context that says something.</summary>
    internal static bool IsIn(string path, ColumnNames? names)
    {
        foreach (var found in FileRows.Read(path, new ColumnChoice(names)))
        {
            using var renamed = names?.Rename(found);
            if (ColumnOf(renamed is null ? found : found with { Value = renamed.RootElement }) is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// The row as a conversation; null where it stays as it is: nothing comes before its prompt, and it holds messages already or is of a
    /// file in which nothing comes before any.
    /// </summary>
    /// <param name="row">The row, in the columns that are known.</param>
    /// <param name="hasMessages">Whether it holds messages.</param>
    /// <param name="first">Where the file's first row stands, for messages.</param>
    /// <exception cref="InvalidDataException">
    /// The context is of another kind, the row has no prompt that it could precede, or the file's rows before were read as texts.
    /// </exception>
    internal static JsonDocument? Rewrite(JsonRow row, bool hasMessages, string first)
    {
        var (system, hasHistory) = (SystemOf(row), HasHistory(row));
        if (system is null && !hasHistory && (hasMessages || !row.IsOfConversations))
        {
            return null;
        }

        if (!hasMessages && !row.IsOfConversations)
        {
            var column = ColumnOf(row);
            throw new InvalidDataException($"{row.Where}: '{column}' makes the row a conversation, and {first}, which has no such column, "
                + $"was read as text. Give each row a '{column}', an empty one where nothing comes before the prompt, or split the file.");
        }

        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            Write(writer, row, system, hasHistory);
            writer.WriteEndObject();
        }

        return JsonDocument.Parse(text.WrittenMemory);
    }

    /// <summary>The column that makes a row a conversation; null where none does.</summary>
    internal static string? ColumnOf(JsonRow row) => SystemOf(row) ?? (HasHistory(row) ? "history" : null);

    static string? SystemOf(JsonRow row)
    {
        var given = Array.FindAll(SystemNames, name => row.Has(name) && !IsEmpty(row.Value.GetProperty(name)));
        return given.Length < 2 || row.TextOf(given[0]) == row.TextOf(given[1])
            ? given.FirstOrDefault()
            : throw new InvalidDataException($"{row.Where}: '{given[0]}' and '{given[1]}' say different things. Leave one of them out.");
    }

    static bool HasHistory(JsonRow row) => row.Has("history") && !IsEmpty(row.Value.GetProperty("history"));

    static void Write(Utf8JsonWriter writer, JsonRow row, string? system, bool hasHistory)
    {
        var behind = row.Has("prompt") && !MessageLists.AreWhole(row) ? ["prompt"]
            : row.Has("messages") && !MessageLists.AreWhole(row) ? ["messages"]
            : MessageLists.AreIn(row, Completions) ? Array.FindAll(Completions, row.Has)
            : throw new InvalidDataException(
                $"{row.Where}: {(ColumnOf(row) is { } column ? $"'{column}'" : "in other rows of the file 'system' or 'history'")} comes "
                + "before a prompt, and the row has none. Give the prompt as 'prompt', or name its column with `Columns`.");
        foreach (var member in row.Value.EnumerateObject())
        {
            if (SystemNames.Contains(member.Name) || member.Name == "history")
            {
                continue;
            }

            if (Array.IndexOf(behind, member.Name) >= 0)
            {
                WriteBehind(writer, row, member, system, hasHistory);
            }
            else if (Array.IndexOf(Completions, member.Name) >= 0 && member.Value.ValueKind == JsonValueKind.String)
            {
                writer.WritePropertyName(member.Name);
                ShareGpt.WriteAnswer(writer, JsonRow.Text(row.Where, member.Name, member.Value));
            }
            else
            {
                member.WriteTo(writer);
            }
        }
    }

    // As LLaMA-Factory has it: a conversation that begins with a turn of the system's needs no other.
    static void WriteBehind(Utf8JsonWriter writer, JsonRow row, JsonProperty member, string? system, bool hasHistory)
    {
        var messages = member.Value.ValueKind == JsonValueKind.Array ? member.Value.EnumerateArray().ToList() : [];
        var beginsWithSystem = messages is [{ ValueKind: JsonValueKind.Object } first, ..]
            && first.TryGetProperty("role", out var role) && role.ValueEquals("system");
        writer.WriteStartArray(member.Name);
        if (system is not null && !beginsWithSystem)
        {
            ShareGpt.WriteMessage(writer, "system", row.TextOf(system));
        }

        if (beginsWithSystem)
        {
            messages[0].WriteTo(writer);
        }

        if (hasHistory)
        {
            WriteHistory(writer, row);
        }

        foreach (var message in messages.Skip(beginsWithSystem ? 1 : 0))
        {
            message.WriteTo(writer);
        }

        if (member.Value.ValueKind == JsonValueKind.String)
        {
            ShareGpt.WriteMessage(writer, "user", JsonRow.Text(row.Where, member.Name, member.Value));
        }

        writer.WriteEndArray();
    }

    static void WriteHistory(Utf8JsonWriter writer, JsonRow row)
    {
        foreach (var turn in row.Part("history", JsonValueKind.Array).EnumerateArray())
        {
            if (turn.ValueKind != JsonValueKind.Array || turn.GetArrayLength() != 2
                || turn[0].ValueKind != JsonValueKind.String || turn[1].ValueKind != JsonValueKind.String)
            {
                throw new InvalidDataException(
                    $"{row.Where}: 'history' holds {turn.ValueKind}; expected lists of two texts, what a user said and the answer.");
            }

            ShareGpt.WriteMessage(writer, "user", JsonRow.Text(row.Where, "history", turn[0]));
            ShareGpt.WriteMessage(writer, "assistant", JsonRow.Text(row.Where, "history", turn[1]));
        }
    }

    static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => string.IsNullOrWhiteSpace(value.GetString()),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        _ => false,
    };
}
