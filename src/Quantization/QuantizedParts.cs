using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace OrtDpo.Quantization;

/// <summary>
/// A quantized matrix as named tensors of a safetensors file: <c>weight.codes</c> (U8), <c>weight.scales</c> (F32) and, with zero points,
/// <c>weight.zero_points</c> (U8), of the shapes of <see cref="QuantizedLayout"/>; beside them the text that tells what they mean, for the
/// file's metadata under the weight's name.
/// </summary>
/// <param name="Weight">The weight's name, such as <c>model.layers.0.mlp.up_proj.weight</c>.</param>
/// <param name="Description">
/// The form's text and the shape, such as <c>format=nf4 block=64 scales=eight_bits quantizer=ortdpo-1 shape=4864x896</c>.
/// </param>
/// <param name="Parts">The tensors.</param>
public sealed partial record QuantizedParts(string Weight, string Description, IReadOnlyList<QuantizedPart> Parts)
{
    const string Again = "Quantize the model again.";

    /// <summary>The parts of a matrix; their bytes are viewed, not copied.</summary>
    public static QuantizedParts Of(string weight, QuantizedMatrix matrix)
    {
        var description = FormattableString.Invariant($"{matrix.Form} shape={matrix.Rows}x{matrix.Columns}");
        var parts = Expected(weight, matrix.Layout);
        ReadOnlyMemory<byte>[] bytes = [matrix.Codes, matrix.ScaleBytes, matrix.ZeroPoints];
        return new(weight, description, [.. parts.Select((part, i) => part with { Bytes = bytes[i] })]);
    }

    /// <summary>The matrix that <see cref="Of"/> took apart; its parts are viewed, not copied.</summary>
    /// <exception cref="InvalidDataException">
    /// The description is of no known format; a part is missing, one too many, cut short, or of another type or shape than the description
    /// says; or a scale is none that the description allows. The message names the part.
    /// </exception>
    /// <exception cref="NotSupportedException">The codes take more bytes than one buffer has.</exception>
    public QuantizedMatrix ToMatrix()
    {
        var match = Shaped().Match(Description);
        var form = QuantizedForm.Parse(match.Success ? match.Groups["form"].Value : Description, $"Weight '{Weight}'");
        if (!match.Success || !int.TryParse(match.Groups["rows"].Value, out var rows)
            || !int.TryParse(match.Groups["columns"].Value, out var columns))
        {
            throw new InvalidDataException(
                $"Weight '{Weight}': '{Description}' ends without a shape like 'shape=4864x896', in which a matrix is stored. {Again}");
        }

        var expected = Expected(Weight, QuantizedLayout.Of(form.Format, form.Block, rows, columns));
        if (Parts.FirstOrDefault(part => expected.All(known => known.Name != part.Name)) is { } unknown)
        {
            throw new InvalidDataException(
                $"Weight '{Weight}' has a part '{unknown.Name}'; '{Description}' has {Names(expected)}. {Again}");
        }

        var found = expected.Select(Find).ToArray();
        RequireScales(form.Rounding, found[1]);
        return new QuantizedMatrix(form, rows, columns, found[0].Bytes, found[1].Bytes, found.Length > 2 ? found[2].Bytes : default);
    }

    static List<QuantizedPart> Expected(string weight, QuantizedLayout layout)
    {
        List<QuantizedPart> parts =
        [
            new($"{weight}.codes", "U8", layout.Codes, default),
            new($"{weight}.scales", "F32", layout.Scales, default),
        ];
        if (layout.ZeroPoints.Length > 0)
        {
            parts.Add(new($"{weight}.zero_points", "U8", layout.ZeroPoints, default));
        }

        return parts;
    }

    QuantizedPart Find(QuantizedPart expected)
    {
        if (Parts.Where(part => part.Name == expected.Name).ToArray() is not [var part])
        {
            throw new InvalidDataException(
                $"Weight '{Weight}' has the parts {Names(Parts)}; expected '{expected.Name}' once among them. {Again}");
        }

        if (part.DType != expected.DType || !part.Shape.AsSpan().SequenceEqual(expected.Shape))
        {
            throw new InvalidDataException(
                $"Tensor '{part.Name}' is {Describe(part)}; '{Description}' has {Describe(expected)}. {Again}");
        }

        var bytes = part.Shape.Aggregate(part.DType == "F32" ? sizeof(float) : 1L, (product, size) => product * size);
        return part.Bytes.Length == bytes ? part : throw new InvalidDataException(
            $"Tensor '{part.Name}' has {part.Bytes.Length} bytes; {Describe(part)} takes {bytes}. Get the file again.");
    }

    static void RequireScales(ScaleRounding rounding, QuantizedPart part)
    {
        var scales = MemoryMarshal.Cast<byte, float>(part.Bytes.Span);
        for (var i = 0; i < scales.Length; i++)
        {
            if (!BlockScale.IsRounded(scales[i], rounding))
            {
                throw new InvalidDataException(FormattableString.Invariant($"Tensor '{part.Name}' has {scales[i]} at index {i}; expected ")
                    + (rounding == ScaleRounding.None ? "finite scales" : "scales that float16 and bfloat16 both hold") + $". {Again}");
            }
        }
    }

    static string Names(IEnumerable<QuantizedPart> parts) => string.Join(", ", parts.Select(part => $"'{part.Name}'"));

    static string Describe(QuantizedPart part) => $"{part.DType} [{string.Join(", ", part.Shape)}]";

    [GeneratedRegex(@"\A(?<form>.*) shape=(?<rows>[1-9][0-9]*)x(?<columns>[1-9][0-9]*)\z")]
    private static partial Regex Shaped();
}
