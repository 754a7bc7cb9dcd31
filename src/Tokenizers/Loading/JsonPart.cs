using System.Text.Json;
using OrtDpo.Linked;

namespace OrtDpo.Tokenizers.Loading;

/// <summary>A part of a JSON file that knows where it stands, so that what is wrong in it can be named.</summary>
readonly record struct JsonPart(JsonElement Element, string Where)
{
    /// <exception cref="InvalidDataException">The file is not JSON, or a string in it is no text.</exception>
    public static JsonPart ReadFile(string path)
    {
        try
        {
            using var document = JsonBytes.ReadFile(path);
            return new JsonPart(document.RootElement.Clone(), path);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not valid JSON: {e.Message}", e);
        }
    }

    /// <summary>A definition that stands in this program instead of a file.</summary>
    public static JsonPart Literal(string json, string where)
    {
        using var document = JsonDocument.Parse(json);
        return new JsonPart(document.RootElement.Clone(), where);
    }

    /// <summary>The member <paramref name="name"/>; null if it is absent or null.</summary>
    public JsonPart? Optional(string name)
    {
        Expect(JsonValueKind.Object, "an object");
        var present = Element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;
        return present ? new JsonPart(value, $"{Where}: {name}") : null;
    }

    public JsonPart Required(string name) =>
        Optional(name) ?? throw new InvalidDataException($"{Where} has no '{name}', which is needed here.");

    public string Text(string name) => Required(name).Text();

    public bool Flag(string name, bool absent) => Optional(name)?.Flag() ?? absent;

    public int Number(string name) => Required(name).Number();

    public string Text()
    {
        Expect(JsonValueKind.String, "a string");
        return Element.GetString()!;
    }

    public bool Flag() => Element.ValueKind is JsonValueKind.True or JsonValueKind.False
        ? Element.GetBoolean()
        : throw Unexpected("true or false");

    public int Number() =>
        Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out var number) ? number : throw Unexpected("a whole number");

    public IEnumerable<JsonPart> Items()
    {
        Expect(JsonValueKind.Array, "a list");
        var where = Where;
        return Element.EnumerateArray().Select((item, i) => new JsonPart(item, $"{where}[{i}]"));
    }

    public IEnumerable<(string Name, JsonPart Value)> Members()
    {
        Expect(JsonValueKind.Object, "an object");
        var where = Where;
        return Element.EnumerateObject().Select(p => (p.Name, new JsonPart(p.Value, $"{where}: {p.Name}")));
    }

    public InvalidDataException Unexpected(string expected) => new($"{Where} is {Element.ValueKind}, where {expected} is expected.");

    void Expect(JsonValueKind kind, string expected)
    {
        if (Element.ValueKind != kind)
        {
            throw Unexpected(expected);
        }
    }
}
