using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace OrtDpo.ChatTemplates.Values;

/// <summary>JSON as the values that a template sees.</summary>
static class JsonValues
{
    /// <exception cref="InvalidDataException">A text holds half of a surrogate pair.</exception>
    public static object? Of(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.True or JsonValueKind.False:
                return json.GetBoolean();
            case JsonValueKind.String:
                return Text(json);
            case JsonValueKind.Number:
                var written = json.GetRawText();
                return written.AsSpan().ContainsAny('.', 'e', 'E') ? json.GetDouble()
                    : json.TryGetInt64(out var number) ? (object)number
                    : BigInteger.Parse(written, CultureInfo.InvariantCulture);
            case JsonValueKind.Array:
                return json.EnumerateArray().Select(Of).ToList();
            default:
                var dict = new DictValue();
                foreach (var member in json.EnumerateObject())
                {
                    dict.Set(member.Name, Of(member.Value));
                }

                return dict;
        }
    }

    static string Text(JsonElement json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            // The only way for a string token that is valid UTF-8: an escape such as \ud800 without its other half.
            throw new InvalidDataException("A message holds half of a surrogate pair, which is no character. Correct the message.", e);
        }
    }
}
