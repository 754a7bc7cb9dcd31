using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>Takes the texts out of one row.</summary>
/// <param name="Prompt">Null where both texts begin with it.</param>
/// <param name="Chosen">The preferred text.</param>
/// <param name="Rejected">The other text.</param>
readonly record struct PairColumns(string? Prompt, string Chosen, string Rejected)
{
    internal const string Expected =
        "Each row needs the strings 'prompt', 'chosen' and 'rejected', or 'chosen' and 'rejected' that begin with the prompt; "
        + "`Columns` gives columns of other names.";

    /// <exception cref="InvalidDataException">A text is missing or not text.</exception>
    /// <exception cref="NotSupportedException">The row is of a known kind that this version does not read.</exception>
    internal static PairColumns Of(JsonRow row)
    {
        if (row.Value.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"{row.Where}: the row is {Kind(row.Value)}; expected an object. {Expected}");
        }

        var prompt = row.Has("prompt") ? Text(row.Where, "prompt", row.Value.GetProperty("prompt")) : null;
        return new PairColumns(prompt, Required(row, "chosen"), Required(row, "rejected"));
    }

    static string Required(JsonRow row, string name)
    {
        if (row.Value.TryGetProperty(name, out var value))
        {
            return Text(row.Where, name, value);
        }

        var found = string.Join(", ", row.Value.EnumerateObject().Select(p => p.Name));
        throw new InvalidDataException($"{row.Where}: '{name}' is missing (found: {(found.Length == 0 ? "nothing" : found)}). {Expected}");
    }

    static string Text(string where, string name, JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Array or JsonValueKind.Object)
        {
            throw Conversational(where, name);
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            throw new InvalidDataException($"{where}: '{name}' is {Kind(value)}; expected a string. {Expected}");
        }

        return JsonRow.Text(where, name, value);
    }

    static NotSupportedException Conversational(string where, string name) => new(
        $"{where}: '{name}' holds messages (conversational data), which this version does not read. {Expected}");

    static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.True or JsonValueKind.False => "a truth value",
        JsonValueKind.Number => "a number",
        JsonValueKind.String => "a string",
        JsonValueKind.Array => "a list",
        _ => "an object",
    };
}
