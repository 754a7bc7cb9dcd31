using System.Text.Json;

namespace OrtDpo.Adapters;

/// <summary>The fields of a JSON object in a file, by type. null and absence are the same.</summary>
sealed class JsonFields
{
    const int LongestValue = 60;

    readonly Dictionary<string, JsonElement> values = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">It is no object, or names a field twice.</exception>
    public JsonFields(string path, JsonElement root)
    {
        Path = path;
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"{path} holds a JSON {root.ValueKind}; expected an object of PEFT's fields. Get the file "
                + "again.");
        }

        foreach (var member in root.EnumerateObject())
        {
            if (!values.TryAdd(member.Name, member.Value))
            {
                throw new InvalidDataException($"{path}: {member.Name} occurs twice. Remove one of the two.");
            }
        }
    }

    public string Path { get; }

    public IReadOnlyDictionary<string, JsonElement> Values => values;

    public InvalidDataException Wrong(string field, string expected) =>
        new($"{Path}: {field} is {Shown(values[field])}; expected {expected}.");

    /// <summary>A value as messages print it.</summary>
    public static string Shown(JsonElement value)
    {
        var text = value.GetRawText().ReplaceLineEndings(" ");
        return text.Length > LongestValue ? text[..LongestValue] + "…" : text;
    }

    public bool IsText(string field) => Value(field) is { ValueKind: JsonValueKind.String };

    public bool IsNull(string field) => Value(field) is null;

    public bool? Flag(string field) => Value(field) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(field, "true or false"),
    };

    public string? Text(string field) => Value(field) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        _ => throw Wrong(field, "text or null"),
    };

    public int? Integer(string field, int least) => Value(field) is not { } value
        ? null
        : IntegerOf(value) is { } number && number >= least ? number : throw Wrong(field, $"an integer of at least {least}");

    public double? Number(string field) => Value(field) is not { } value
        ? null
        : NumberOf(value) ?? throw Wrong(field, "a finite number");

    /// <summary>A list of integers, or one alone; null for an empty list, which PEFT takes for nothing said.</summary>
    public int[]? Integers(string field)
    {
        if (Value(field) is not { } value)
        {
            return null;
        }

        int?[] numbers = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(IntegerOf)] : [IntegerOf(value)];
        return numbers.Contains(null)
            ? throw Wrong(field, "an integer, a list of integers, or null")
            : numbers.Length == 0 ? null : [.. numbers.Select(number => number!.Value)];
    }

    /// <summary>A list of text, or one alone; null for an empty list or text, which PEFT takes for nothing said.</summary>
    public string[]? Texts(string field)
    {
        if (!IsText(field))
        {
            return TextList(field) is { Length: > 0 } list ? list : null;
        }

        return Text(field) is { Length: > 0 } text ? [text] : null;
    }

    /// <summary>A list of text that is not empty.</summary>
    public string[]? TextList(string field)
    {
        if (Value(field) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(IsFilled)
            ? [.. value.EnumerateArray().Select(element => element.GetString()!).Distinct()]
            : throw Wrong(field, "a list of names, or null");
    }

    /// <summary>The members of an object in their order, none for null.</summary>
    public KeyValuePair<string, T>[] Pairs<T>(string field, string expected, Func<JsonElement, T?> read)
        where T : struct
    {
        if (Value(field) is not { } value)
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Any(member => read(member.Value) is null))
        {
            throw Wrong(field, $"an object from names to {expected}");
        }

        if (value.EnumerateObject().GroupBy(member => member.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new InvalidDataException($"{Path}: {field} has '{twice.Key}' twice. Remove one of the two.");
        }

        return [.. value.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, read(member.Value)!.Value))];
    }

    public static int? RankOf(JsonElement value) => IntegerOf(value) is >= 1 and var rank ? rank : null;

    public static double? NumberOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;

    JsonElement? Value(string field) =>
        values.TryGetValue(field, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    static int? IntegerOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    static bool IsFilled(JsonElement element) => element.ValueKind == JsonValueKind.String && element.GetString()!.Length > 0;
}
