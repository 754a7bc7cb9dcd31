using System.Text.Json;
using OrtDpo.Linked;

namespace OrtDpo.Models.Decoders;

/// <summary>An open <c>config.json</c>, whose fields are read with a message that names file, field, found and expected.</summary>
sealed class ConfigFile : IDisposable
{
    // Ten times the layers of the deepest published models. Each layer's parameters are listed before any is looked for among the weights:
    // a damaged number would take all memory.
    const int MostLayers = 10_000;

    readonly JsonDocument? document;
    readonly JsonElement fields;
    readonly HashSet<string> read = new(StringComparer.Ordinal);

    ConfigFile(string path, JsonDocument? document, JsonElement fields)
    {
        Path = path;
        this.document = document;
        this.fields = fields;
    }

    public string Path { get; }

    /// <summary>The fields that nothing asked for so far, in the order of the file.</summary>
    public IEnumerable<string> Unread => fields.EnumerateObject().Select(f => f.Name).Distinct().Where(name => !read.Contains(name));

    public static ConfigFile Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"{path} does not exist. A model folder holds config.json, safetensors files and a tokenizer.", path);
        }

        try
        {
            var document = JsonBytes.ReadFile(path);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new ConfigFile(path, document, document.RootElement)
                : throw new InvalidDataException($"{path}: found a JSON {document.RootElement.ValueKind}. Expected an object.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not JSON: {e.Message}", e);
        }
    }

    /// <summary>The object under <paramref name="field"/>, or null where it is absent or null.</summary>
    public ConfigFile? Section(string field) =>
        Find(field) is not { } value ? null
        : value.ValueKind == JsonValueKind.Object ? new ConfigFile($"{Path}, {field}", document: null, value)
        : throw Wrong(field, value, "an object");

    /// <summary>The text of a field that must be one of <paramref name="supported"/>.</summary>
    public string Require(string field, string[] supported, string? absent = null) =>
        Text(field, absent) is var found && supported.Contains(found)
            ? found
            : throw new NotSupportedException(supported is [var only]
                ? $"{Path}: {field} is '{found}'. Only '{only}' is supported."
                : $"{Path}: {field} is '{found}'. Supported are {string.Join(", ", supported)}.");

    /// <summary>Refuses a flag that is set to anything but <paramref name="expected"/>; absent is as expected.</summary>
    public void Require(string field, bool expected)
    {
        if (Flag(field, expected) != expected)
        {
            throw new NotSupportedException($"{Path}: {field} is {Spell(!expected)}. Only {Spell(expected)} is supported.");
        }
    }

    public string Text(string field, string? absent = null) =>
        Find(field) is not { } value ? absent ?? throw Missing(field, "a string")
        : value.ValueKind == JsonValueKind.String ? value.GetString()!
        : throw Wrong(field, value, "a string");

    /// <summary>Texts; null where absent or null.</summary>
    public string[]? Texts(string field) =>
        Find(field) is not { } value ? null
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(e => e.GetString()!)]
        : throw Wrong(field, value, "a list of strings");

    /// <summary>Whether the field is there, were it null.</summary>
    public bool Names(string field)
    {
        read.Add(field);
        return fields.TryGetProperty(field, out _);
    }

    /// <summary>A field as it is written.</summary>
    public string Raw(string field) => fields.GetProperty(field).GetRawText();

    /// <summary>A field of any kind; null where absent or null.</summary>
    public JsonElement? Value(string field) => Find(field);

    public bool Has(string field) => Find(field) is not null;

    public bool Flag(string field, bool absent) =>
        Find(field) is not { } value ? absent
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Wrong(field, value, "true or false");

    public int Positive(string field, int? absent = null) =>
        Find(field) is not { } value ? absent ?? throw Missing(field, "a positive integer")
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number > 0 ? number
        : throw Wrong(field, value, "a positive integer");

    /// <summary>How many layers a model has.</summary>
    public int Layers(string field) => Positive(field) is var layers && layers <= MostLayers
        ? layers
        : throw new InvalidDataException($"{Path}: {field} is {layers}. Expected at most {MostLayers}: get the file again.");

    public int NotNegative(string field, int absent) =>
        Find(field) is not { } value ? absent
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 0 ? number
        : throw Wrong(field, value, "an integer, 0 or more");

    public double PositiveNumber(string field, double? absent = null) =>
        Find(field) is not { } value ? absent ?? throw Missing(field, "a positive number")
        : value.ValueKind == JsonValueKind.Number && value.GetDouble() is > 0 and < double.PositiveInfinity and var number ? number
        : throw Wrong(field, value, "a positive number");

    public double NotNegativeNumber(string field, double absent) =>
        Find(field) is not { } value ? absent
        : value.ValueKind == JsonValueKind.Number && value.GetDouble() is >= 0 and < double.PositiveInfinity and var number ? number
        : throw Wrong(field, value, "a number, 0 or more");

    /// <summary>Positive numbers, at least one.</summary>
    public double[] PositiveNumbers(string field) =>
        Find(field) is not { } value ? throw Missing(field, "a list of positive numbers")
        : value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value.EnumerateArray().All(
            e => e.ValueKind == JsonValueKind.Number && e.GetDouble() is > 0 and < double.PositiveInfinity)
            ? [.. value.EnumerateArray().Select(e => e.GetDouble())]
        : throw Wrong(field, value, "a list of positive numbers");

    /// <summary>A list of 0 and 1, one for each layer; null where absent or null.</summary>
    public bool[]? LayerFlags(string field, int layers)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == layers
            && value.EnumerateArray().All(e => e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out var flag) && flag is 0 or 1)
            ? [.. value.EnumerateArray().Select(e => e.GetInt32() == 1)]
            : throw Wrong(field, value, $"a list of 0 and 1, one for each of {layers} layers");
    }

    /// <summary>One token id or a list of them; empty where absent or null.</summary>
    public int[] TokenIds(string field)
    {
        if (Find(field) is not { } value)
        {
            return [];
        }

        var elements = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value];
        return Array.ConvertAll(elements, e =>
            e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out var id) && id >= 0
                ? id
                : throw Wrong(field, value, "a token id or a list of them"));
    }

    public void Dispose() => document?.Dispose();

    JsonElement? Find(string field)
    {
        read.Add(field);
        return fields.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    static string Spell(bool value) => value ? "true" : "false";

    InvalidDataException Missing(string field, string expected) => new($"{Path}: {field} is missing. Expected {expected}.");

    InvalidDataException Wrong(string field, JsonElement value, string expected) =>
        new($"{Path}: {field} is {value.GetRawText()}. Expected {expected}.");
}
