using System.Text.Json;

namespace OrtDpo.Data.Ranked;

/// <summary>
/// The names under which published data sets have several completions of a prompt with their scores or ranks. Rows are written with
/// <c>completions</c> and <c>scores</c>, of which a higher one is better.
/// </summary>
static class RankedForm
{
    /// <summary>Columns of completions.</summary>
    internal static readonly string[] Lists =
        ["completions", "responses", "answers", "generations", "candidates", "all_generated_responses"];
    static readonly string[] Texts = ["response", "answer", "completion", "text", "content", "output"];
    static readonly string[] Scores = ["scores", "score", "overall_score", "ratings", "rating", "all_rm_scores", "fine-grained_score"];
    static readonly string[] Ranks = ["ranks", "rank", "ranking"];
    static readonly string[] Numbers = [.. Scores, .. Ranks];

    /// <summary>Whether the row has a list of completions, each with its number or beside a list of numbers.</summary>
    internal static bool Is(JsonRow row) => Find(row) is not null;

    /// <summary>Whether the row of ranked completions is made of the column of that name.</summary>
    internal static bool Reads(JsonRow row, string column) => Find(row) is var (list, numbers)
        && (column == list || column == numbers || column == (row.Has("prompt") ? "prompt" : "instruction"));

    /// <summary>Writes <c>prompt</c>, <c>completions</c> and <c>scores</c>.</summary>
    /// <exception cref="InvalidDataException">A completion or its number is missing, or is something else.</exception>
    internal static void Write(Utf8JsonWriter writer, JsonRow row)
    {
        var (name, numbers) = Find(row)!.Value;
        var list = row.Part(name, JsonValueKind.Array).EnumerateArray().ToList();
        var isConversation = WritePrompt(writer, row);
        writer.WriteStartArray("completions");
        for (var i = 0; i < list.Count; i++)
        {
            var item = row with { Where = $"{row.Where}, '{name}' {i + 1}", Value = list[i] };
            WriteCompletion(writer, item, isConversation);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("scores");
        foreach (var score in numbers is null ? OfEach(row, name, list) : Beside(row, name, list.Count, numbers))
        {
            writer.WriteNumberValue(score);
        }

        writer.WriteEndArray();
    }

    // The list, and the column of numbers beside it; null where each completion carries its own.
    static (string List, string? Numbers)? Find(JsonRow row)
    {
        foreach (var name in Lists)
        {
            if (!row.Has(name) || row.Value.GetProperty(name) is not { ValueKind: JsonValueKind.Array } list)
            {
                continue;
            }

            var numbers = Array.Find(Numbers, column => row.Has(column) && IsListOfValues(row.Value.GetProperty(column)));
            if (numbers is not null)
            {
                return (name, numbers);
            }

            if (list.GetArrayLength() > 0 && NumberOf(row with { Value = list[0] }) is not null)
            {
                return (name, null);
            }
        }

        return null;
    }

    // Not a list of lists, as a whole table in one object would have it.
    static bool IsListOfValues(JsonElement column) =>
        column.ValueKind == JsonValueKind.Array && column.EnumerateArray().All(item => item.ValueKind != JsonValueKind.Array);

    // UltraFeedback's instruction is what a user says to an assistant, and its completions are the answers.
    static bool WritePrompt(Utf8JsonWriter writer, JsonRow row)
    {
        if (row.Has("prompt"))
        {
            writer.WritePropertyName("prompt");
            row.Value.GetProperty("prompt").WriteTo(writer);
            return row.Value.GetProperty("prompt").ValueKind != JsonValueKind.String;
        }

        if (!row.Has("instruction"))
        {
            return false;
        }

        writer.WriteStartArray("prompt");
        ShareGpt.WriteMessage(writer, "user", row.TextOf("instruction"));
        writer.WriteEndArray();
        return true;
    }

    static void WriteCompletion(Utf8JsonWriter writer, JsonRow item, bool isConversation)
    {
        if (item.Value.ValueKind == JsonValueKind.Array || IsMessage(item))
        {
            item.Value.WriteTo(writer);
            return;
        }

        if (item.Value.ValueKind == JsonValueKind.Object && MediaColumn.In(item.Value) is { } media)
        {
            throw new InvalidDataException($"{item.Where} holds '{media}': {MediaColumn.Advice}");
        }

        var text = item.Value.ValueKind == JsonValueKind.String
            ? JsonRow.Text(item.Where, "text", item.Value)
            : item.TextOf(Array.Find(Texts, item.Has)
                ?? throw new InvalidDataException($"{item.Where} has no text; expected one of {string.Join(", ", Texts)}."));
        if (!isConversation)
        {
            writer.WriteStringValue(text);
            return;
        }

        ShareGpt.WriteAnswer(writer, text);
    }

    static bool IsMessage(JsonRow item) => item.Has("role") && item.Has("content");

    static List<double> OfEach(JsonRow row, string name, List<JsonElement> list) => [.. list.Select((item, i) =>
        NumberOf(row with { Value = item }) ?? throw new InvalidDataException(
            $"{row.Where}: '{name}' {i + 1} has no number; expected one of {string.Join(", ", Scores)} or {string.Join(", ", Ranks)}."))];

    static List<double> Beside(JsonRow row, string name, int count, string numbers)
    {
        var given = row.Value.GetProperty(numbers);
        if (given.GetArrayLength() != count)
        {
            throw new InvalidDataException(
                $"{row.Where}: '{name}' holds {count} completions and '{numbers}' {given.GetArrayLength()} numbers. "
                + "Give each completion its number.");
        }

        var sign = Ranks.Contains(numbers) ? -1 : 1;
        return [.. given.EnumerateArray().Select((number, i) => sign * (Number(number) ?? throw new InvalidDataException(
            $"{row.Where}: '{numbers}' {i + 1} is {number.GetRawText()}; expected a finite number.")))];
    }

    // Of a rank the lower one is better.
    static double? NumberOf(JsonRow item)
    {
        foreach (var (names, sign) in new[] { (Scores, 1), (Ranks, -1) })
        {
            if (Array.Find(names, item.Has) is { } name)
            {
                return sign * Number(item.Value.GetProperty(name));
            }
        }

        return null;
    }

    // A number too large for float64 is read as infinite, and says nothing.
    static double? Number(JsonElement number) =>
        number.ValueKind == JsonValueKind.Number && double.IsFinite(number.GetDouble()) ? number.GetDouble() : null;
}
