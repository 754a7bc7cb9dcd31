using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrtDpo.Data;

/// <summary>Columns, and members of messages, that hold or name what a model of text never sees: pictures, sound, video.</summary>
static partial class MediaColumn
{
    /// <summary>Why a row with one is refused, and what to do.</summary>
    internal const string Advice = "the completions are about something that a model of text never sees. Leave these rows out.";

    /// <summary>
    /// Whether there is nothing in one: no text, an empty list, or an object without members or with null <c>bytes</c> and a null
    /// <c>path</c>. An object without <c>bytes</c> says nothing of what it holds: Parquet's and Arrow's bytes are not read.
    /// </summary>
    internal static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.String => string.IsNullOrWhiteSpace(value.GetString()),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => value.GetPropertyCount() == 0
            || (value.TryGetProperty("bytes", out _)
                && value.EnumerateObject().All(member => member.Value.ValueKind == JsonValueKind.Null)),
        _ => false,
    };

    /// <summary>The first member of a message that holds one; null where none does.</summary>
    internal static string? In(JsonElement message)
    {
        foreach (var member in message.EnumerateObject())
        {
            if (Is(member.Name) && !IsEmpty(member.Value))
            {
                return member.Name;
            }
        }

        return null;
    }

    /// <summary>Whether a column of that name is one.</summary>
    internal static bool Is(string name) => Name().IsMatch(name);

    [GeneratedRegex(
        "^(image|img|picture|photo|screenshot|video|audio)s?[-_]?(paths?|urls?|files?|bytes|data)?$|^pixel_values$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
