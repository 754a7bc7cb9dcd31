namespace OrtDpo.Quantization.Tests;

public sealed class QuantizedPartsTests
{
    public static TheoryData<QuantizedFormat, ScaleRounding> Forms => new(
        from format in Enum.GetValues<QuantizedFormat>()
        from rounding in Enum.GetValues<ScaleRounding>()
        select (format, rounding));

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_matrix_that_is_taken_apart_comes_back(QuantizedFormat format, ScaleRounding rounding)
    {
        using var weights = TestMatrix.Weights(5, 101, seed: 8);
        var matrix = QuantiserTests.Quantise(weights.Source, format, 32, rounding);
        var parts = QuantizedParts.Of("w", matrix);
        QuantiserTests.AssertSame(matrix, parts.ToMatrix());
        Assert.All(parts.Parts, part => Assert.Equal(
            part.Bytes.Length, part.Shape.Aggregate(part.DType == "F32" ? 4L : 1, (bytes, size) => bytes * size)));
        QuantiserTests.AssertSame(matrix, new QuantizedParts("w", parts.Description, [.. parts.Parts.Reverse()]).ToMatrix());
    }

    [Fact]
    public void Names_types_shapes_and_text_are_these()
    {
        var parts = Parts(QuantizedFormat.Int4ZeroPoints);
        Assert.Equal("format=int4_zero_points block=32 scales=eight_bits quantizer=ortdpo-1 shape=5x101", parts.Description);
        Assert.Equal(
            ["w.codes U8 5,4,16", "w.scales F32 5,4", "w.zero_points U8 5,2"],
            parts.Parts.Select(part => $"{part.Name} {part.DType} {string.Join(',', part.Shape)}"));

        // 505 values in blocks of 32.
        Assert.Equal(
            ["w.codes U8 253", "w.scales F32 16"],
            Parts(QuantizedFormat.Nf4).Parts.Select(part => $"{part.Name} {part.DType} {string.Join(',', part.Shape)}"));
    }

    [Theory]
    [InlineData("int4_zero_points", "fp4", "Weight 'w': format 'fp4' of a quantized matrix is not known; expected nf4, int4_")]
    [InlineData("eight_bits", "int8", "Weight 'w': scales 'int8' of a quantized matrix is not known; expected float32, eight_bits. ")]
    [InlineData("block=32", "block=33", "Weight 'w': block '33' of a quantized matrix is not known; expected a power of two from 32 to ")]
    [InlineData("block=32", "block=99999999999", "Weight 'w': block '99999999999' of a quantized matrix is not known; ")]
    [InlineData("block=32", "block", "Weight 'w': 'format=int4_zero_points block scales=eight_bits quantizer=ortdpo-1' describes no ")]
    [InlineData(" shape=5x101", "", "Weight 'w': '{0}' ends without a shape like 'shape=4864x896', in which a matrix is stored. ")]
    [InlineData("5x101", "5x99999999999", "Weight 'w': '{0}' ends without a shape ")]
    [InlineData("5x101", "0x101", "Weight 'w': '{0}' describes no quantized matrix; ")]
    [InlineData("5x101", "5x140", "Tensor 'w.codes' is U8 [5, 4, 16]; '{0}' has U8 [5, 5, 16]. ")]
    [InlineData("int4_zero_points", "int4_symmetric", "Weight 'w' has a part 'w.zero_points'; '{0}' has 'w.codes', 'w.scales'. ")]
    [InlineData("int4_zero_points", "nf4", "Weight 'w' has a part 'w.zero_points'; '{0}' has 'w.codes', 'w.scales'. ")]
    public void Another_description_is_refused(string described, string instead, string message)
    {
        var parts = Parts(QuantizedFormat.Int4ZeroPoints);
        var description = parts.Description.Replace(described, instead, StringComparison.Ordinal);
        Refused(parts with { Description = description }, message.Replace("{0}", description, StringComparison.Ordinal));
    }

    [Fact]
    public void Parts_that_are_missing_or_cut_short_are_refused()
    {
        var parts = Parts(QuantizedFormat.Int4ZeroPoints);
        var (codes, scales, zeroPoints) = (parts.Parts[0], parts.Parts[1], parts.Parts[2]);
        Refused(parts with { Parts = [codes, scales] }, "Weight 'w' has the parts 'w.codes', 'w.scales'; expected 'w.zero_points' once ");
        Refused(parts with { Parts = [codes, codes, scales, zeroPoints] }, "Weight 'w' has the parts 'w.codes', 'w.codes', 'w.scales', ");
        Refused(
            parts with { Parts = [codes with { Bytes = codes.Bytes[..^1] }, scales, zeroPoints] },
            "Tensor 'w.codes' has 319 bytes; U8 [5, 4, 16] takes 320. Get the file again.");
        Refused(
            parts with { Parts = [codes, scales with { Bytes = scales.Bytes[..^4] }, zeroPoints] },
            "Tensor 'w.scales' has 76 bytes; F32 [5, 4] takes 80. Get the file again.");
        Refused(
            parts with { Parts = [codes, scales with { DType = "F16" }, zeroPoints] }, "Tensor 'w.scales' is F16 [5, 4]; '");
        Refused(
            parts with { Parts = [codes, scales, zeroPoints with { Shape = [10] }] }, "Tensor 'w.zero_points' is U8 [10]; '");
    }

    [Fact]
    public void Scales_that_the_description_does_not_allow_are_refused()
    {
        var parts = Parts(QuantizedFormat.Nf4);
        Refused(WithScale(1 / 3f), "Tensor 'w.scales' has 0.33333334 at index 2; expected scales that float16 and bfloat16 both hold. ");
        Assert.Equal(1 / 3f, Unrounded(WithScale(1 / 3f)).ToMatrix().Scales[2]);
        Refused(Unrounded(WithScale(float.NaN)), "Tensor 'w.scales' has NaN at index 2; expected finite scales. ");

        QuantizedParts WithScale(float scale)
        {
            var bytes = parts.Parts[1].Bytes.ToArray();
            BitConverter.TryWriteBytes(bytes.AsSpan(8), scale);
            return parts with { Parts = [parts.Parts[0], parts.Parts[1] with { Bytes = bytes }] };
        }

        static QuantizedParts Unrounded(QuantizedParts parts) =>
            parts with { Description = parts.Description.Replace("eight_bits", "float32", StringComparison.Ordinal) };
    }

    [Fact]
    public void A_form_reads_what_it_writes()
    {
        foreach (var format in Enum.GetValues<QuantizedFormat>())
        {
            foreach (var rounding in Enum.GetValues<ScaleRounding>())
            {
                var form = new QuantizedForm(format, 4096, rounding, QuantizedForm.OwnQuantizer);
                Assert.Equal(form, QuantizedForm.Parse(form.ToString(), "here"));
            }
        }
    }

    static void Refused(QuantizedParts parts, string message) =>
        Assert.StartsWith(message, Assert.Throws<InvalidDataException>(parts.ToMatrix).Message, StringComparison.Ordinal);

    static QuantizedParts Parts(QuantizedFormat format)
    {
        using var weights = TestMatrix.Normal(5, 101, seed: 8);
        return QuantizedParts.Of("w", QuantiserTests.Quantise(weights.Source, format, 32, ScaleRounding.EightBits));
    }
}
