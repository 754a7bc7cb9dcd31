using System.Globalization;
using System.Text.RegularExpressions;

namespace OrtDpo.Quantization;

/// <summary>What must be known to tell one quantization of a matrix from another; its text goes into digests and files.</summary>
/// <param name="Format">How four bits stand for a weight, and whether blocks have zero points.</param>
/// <param name="Block">Values with one scale: a power of two from 32 to 4096.</param>
/// <param name="Rounding">What scales are rounded to.</param>
/// <param name="Quantizer">Who chose the codes, and its version: letters, digits, '.', '_' and '-'.</param>
public sealed partial record QuantizedForm(QuantizedFormat Format, int Block, ScaleRounding Rounding, string Quantizer)
{
    /// <summary>This project's quantiser; the number grows when other codes or scales are chosen for the same weights.</summary>
    public const string OwnQuantizer = "ortdpo-1";

    static readonly Dictionary<string, QuantizedFormat> Formats = new(StringComparer.Ordinal)
    {
        ["nf4"] = QuantizedFormat.Nf4,
        ["int4_symmetric"] = QuantizedFormat.Int4Symmetric,
        ["int4_zero_points"] = QuantizedFormat.Int4ZeroPoints,
    };

    static readonly Dictionary<string, ScaleRounding> Roundings = new(StringComparer.Ordinal)
    {
        ["float32"] = ScaleRounding.None,
        ["eight_bits"] = ScaleRounding.EightBits,
    };

    /// <summary>The canonical text, such as <c>format=nf4 block=64 scales=eight_bits quantizer=ortdpo-1</c>.</summary>
    public override string ToString()
    {
        var format = Formats.Single(known => known.Value == Format).Key;
        var scales = Roundings.Single(known => known.Value == Rounding).Key;
        return FormattableString.Invariant($"format={format} block={Block} scales={scales} quantizer={Quantizer}");
    }

    /// <summary>The form that <see cref="ToString"/> wrote.</summary>
    /// <param name="text">The text.</param>
    /// <param name="where">What holds it, for messages.</param>
    /// <exception cref="InvalidDataException">It is another text, or names a format, a rounding or a block that is unknown.</exception>
    public static QuantizedForm Parse(string text, string where)
    {
        var match = Text().Match(text);
        if (!match.Success)
        {
            throw new InvalidDataException(
                $"{where}: '{text}' describes no quantized matrix; expected a text like 'format=nf4 block=64 scales=eight_bits "
                + $"quantizer={OwnQuantizer}'. Quantize the model again.");
        }

        var block = match.Groups["block"].Value is { Length: <= 4 } digits && int.Parse(digits, CultureInfo.InvariantCulture) is var size
            && BlockSize.IsValid(size) ? size : throw Unknown(where, "block", match, BlockSize.Expected);
        return new QuantizedForm(Known(Formats, "format"), block, Known(Roundings, "scales"), match.Groups["quantizer"].Value);

        T Known<T>(Dictionary<string, T> names, string key) => names.TryGetValue(match.Groups[key].Value, out var value)
            ? value
            : throw Unknown(where, key, match, string.Join(", ", names.Keys));
    }

    static InvalidDataException Unknown(string where, string key, Match match, string expected) => new(
        $"{where}: {key} '{match.Groups[key].Value}' of a quantized matrix is not known; expected {expected}. "
        + "Read it with the version that wrote it, or quantize the model again.");

    [GeneratedRegex(@"\Aformat=(?<format>\w+) block=(?<block>[1-9][0-9]*) scales=(?<scales>\w+) quantizer=(?<quantizer>[\w.-]+)\z")]
    private static partial Regex Text();
}
