using System.Globalization;
using System.Text.Json.Nodes;

namespace OrtDpo.Feed.Tests.ParquetFiles;

/// <summary>
/// A column as JSON that C# and JavaScript write alike: numbers of 32 bits and floating point as the hexadecimal bits of their double, so that NaN,
/// infinities and negative zero compare; 64-bit integers in decimal with an 'n'; bytes as 'x' and hexadecimal; lists as arrays.
/// </summary>
static class Cell
{
    public static JsonNode? Of(object? value) => value switch
    {
        null => null,
        bool flag => JsonValue.Create(flag),
        sbyte or byte or short or ushort or int or uint => Bits(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        float number => Bits(number),
        double number => Bits(number),
        long number => JsonValue.Create($"{number.ToString(CultureInfo.InvariantCulture)}n"),
        ulong number => JsonValue.Create($"{number.ToString(CultureInfo.InvariantCulture)}n"),
        string text => JsonValue.Create(text),
        ReadOnlyMemory<char> text => JsonValue.Create(text.ToString()),
        byte[] bytes => JsonValue.Create($"x{Convert.ToHexStringLower(bytes)}"),
        ReadOnlyMemory<byte> bytes => JsonValue.Create($"x{Convert.ToHexStringLower(bytes.Span)}"),
        System.Collections.IEnumerable items => new JsonArray([.. items.Cast<object?>().Select(Of)]),
        _ => throw new ArgumentException($"No cell is a {value.GetType()}.", nameof(value)),
    };

    // Every NaN is the same here: JavaScript does not keep their bits apart.
    static JsonValue Bits(double value) =>
        JsonValue.Create(double.IsNaN(value) ? "nan" : BitConverter.DoubleToInt64Bits(value).ToString("x16", CultureInfo.InvariantCulture));
}
