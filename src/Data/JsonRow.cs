using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>One row of a JSON or JSON Lines file.</summary>
/// <param name="Number">From 1: the line of a JSON Lines file, the place in a JSON array.</param>
/// <param name="Where">File and line, for messages.</param>
/// <param name="Value">The row; valid until the next row is asked for.</param>
readonly record struct JsonRow(long Number, string Where, JsonElement Value)
{
    /// <summary>The column beside its texts that makes the row a conversation; null where it is one by itself, or none.</summary>
    internal string? Context { get; init; }

    /// <summary>Whether it is one of a file whose rows of text become conversations, since one of them says what comes before.</summary>
    internal bool IsOfConversations { get; init; }

    /// <summary>What the row says that the completions of its pair are worth; null where it does not.</summary>
    internal PairScores? Scores { get; init; }

    /// <summary>The text of a string.</summary>
    /// <exception cref="InvalidDataException">It is no text.</exception>
    internal static string Text(string where, string name, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            // The only way for a string token that is valid UTF-8: an escape such as \ud800 without its other half.
            throw new InvalidDataException($"{where}: '{name}' holds half of a surrogate pair, which is no character. Correct the row.", e);
        }
    }

    /// <summary>Checks that every string in <paramref name="value"/> is text.</summary>
    /// <exception cref="InvalidDataException">One is not.</exception>
    internal static void RequireCharacters(string where, string name, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                Text(where, name, value);
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    RequireCharacters(where, name, item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    RequireCharacters(where, name, member.Value);
                }

                break;
        }
    }

    /// <summary>Whether there is a member <paramref name="name"/> that is not null.</summary>
    internal bool Has(string name) =>
        Value.ValueKind == JsonValueKind.Object && Value.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>The text of the member <paramref name="name"/>.</summary>
    /// <exception cref="InvalidDataException">The row has no such member, or it is no text.</exception>
    internal string TextOf(string name) => Text(Where, name, Part(name, JsonValueKind.String));

    /// <summary>The member <paramref name="name"/>.</summary>
    /// <exception cref="InvalidDataException">The row has no such member, or it is of another kind.</exception>
    internal JsonElement Part(string name, JsonValueKind kind)
    {
        if (Value.ValueKind == JsonValueKind.Object && Value.TryGetProperty(name, out var value))
        {
            return value.ValueKind == kind
                ? value
                : throw new InvalidDataException($"{Where}: '{name}' is {value.ValueKind}; expected {kind}.");
        }

        throw new InvalidDataException($"{Where}: '{name}' is missing. Correct the row.");
    }
}
