using System.Buffers;
using System.Text;
using OrtDpo.Batches;

namespace OrtDpo.Data.Tests.Mutation;

/// <summary>Damage to text with strings, numbers and brackets in it.</summary>
static class TextMutators
{
    static readonly string[] Numbers =
    [
        "0", "-1", "1", "2", "65536", "2147483647", "2147483648", "-2147483648", "4294967296", "9223372036854775807",
        "18446744073709551616", "1e9", "1e308", "1e999", "-0.5", "NaN", "99999999999999999999999999999999999999",
    ];

    static readonly string[] Values = ["null", "true", "-1", "1.5", "\"\"", "\"x\"", "[]", "{}", "[null]", "{\"type\": null}"];

    // A byte that never stands in UTF-8, a first byte alone, a continuation alone, a surrogate, an overlong slash, beyond U+10FFFF.
    static readonly byte[][] Invalid = [[0xFF], [0xC3], [0x80], [0xED, 0xA0, 0x80], [0xC0, 0xAF], [0xF4, 0x90, 0x80, 0x80]];

    static readonly string[] Halves = ["\\ud800", "\\udc00", "\\ud83d\\ud83d", "\\ud8", "\\u0000"];

    static readonly SearchValues<byte> Ends = SearchValues.Create(",}]\n"u8);

    static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);

    static ReadOnlySpan<byte> Syntax => "{}[]\":,\\%()'\n"u8;

    public static byte[] ChangeNumber(byte[] whole, ref SplitMix64 random)
    {
        var at = Place.At(whole, "0123456789"u8, ref random);
        var length = whole.AsSpan(at).IndexOfAnyExcept(Digits);
        length = length < 0 ? whole.Length - at : length;
        return Place.Replace(whole, at, length, Encoding.UTF8.GetBytes(Numbers[random.Next(Numbers.Length)]));
    }

    public static byte[] InvalidUtf8(byte[] whole, ref SplitMix64 random) =>
        Place.Replace(whole, 1 + Place.At(whole, "\""u8, ref random), 0, Invalid[random.Next(Invalid.Length)]);

    public static byte[] LoneSurrogate(byte[] whole, ref SplitMix64 random) =>
        Place.Replace(whole, 1 + Place.At(whole, "\""u8, ref random), 0, Encoding.UTF8.GetBytes(Halves[random.Next(Halves.Length)]));

    public static byte[] ChangeSyntax(byte[] whole, ref SplitMix64 random) =>
        Place.Replace(whole, Place.At(whole, Syntax, ref random), 1, Syntax.Slice(random.Next(Syntax.Length), 1));

    /// <summary>Replaces what stands behind a colon, up to the next sign of syntax.</summary>
    public static byte[] ChangeValue(byte[] whole, ref SplitMix64 random)
    {
        var at = 1 + Place.At(whole, ":"u8, ref random);
        var length = whole.AsSpan(at).IndexOfAny(Ends);
        return Place.Replace(whole, at, Math.Max(length, 0), Encoding.UTF8.GetBytes(Values[random.Next(Values.Length)]));
    }
}
