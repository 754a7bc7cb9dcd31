using System.Runtime.InteropServices;
using System.Text;

namespace OrtDpo.Quantization.Tests;

/// <summary>Checkpoints of bitsandbytes, made here as its QuantState.as_dict writes them.</summary>
public sealed class BitsAndBytesTests
{
    const int Rows = 6, Columns = 96;

    const string Plain = """{"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16", "shape": [6, 96]}""";

    const string Nested =
        """
        {"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16", "shape": [6, 96],
         "nested_blocksize": 4, "nested_dtype": "float32", "nested_offset": 0.04156801477074623}
        """;

    [Fact]
    public void Codes_and_scales_are_those_of_the_checkpoint()
    {
        var buffers = Stored(Plain);
        var matrix = BitsAndBytes.Read(buffers);
        Assert.Equal(new QuantizedForm(QuantizedFormat.Nf4, 64, ScaleRounding.None, "bitsandbytes"), matrix.Form);
        Assert.Equal((Rows, Columns), (matrix.Rows, matrix.Columns));
        Assert.Equal(buffers.Codes, matrix.Codes);
        Assert.Equal(buffers.AbsMax, matrix.ScaleBytes);

        using var weights = TestMatrix.Normal(Rows, Columns, seed: 2);
        Assert.Equal(
            QuantiserTests.Dequantised(Nf4.Quantise(weights.Source, rounding: ScaleRounding.None)), QuantiserTests.Dequantised(matrix));
    }

    /// <summary>dequantize_blockwise(absmax, state2) + offset.</summary>
    [Fact]
    public void Double_quantization_of_scales_is_undone()
    {
        var buffers = Stored(Nested);
        var matrix = BitsAndBytes.Read(buffers);
        var map = MemoryMarshal.Cast<byte, float>(buffers.NestedQuantMap.Span).ToArray();
        var absMax = MemoryMarshal.Cast<byte, float>(buffers.NestedAbsMax.Span).ToArray();
        Assert.Equal(9, matrix.Scales.Length);
        for (var i = 0; i < 9; i++)
        {
            // Each step rounded to float32.
            var product = (float)((double)map[buffers.AbsMax.Span[i]] * absMax[i / 4]);
            Assert.Equal((float)((double)product + 0.04156801477074623f), matrix.Scales[i]);
        }
    }

    [Theory]
    [InlineData("\"nf4\"", "\"fp4\"", "'quant_type' is \"fp4\"; expected \"nf4\". Quantize the original ")]
    [InlineData("\"quant_type\"", "\"type\"", "'quant_type' is missing; expected \"nf4\". Quantize the original ")]
    [InlineData("[6, 96]", "[576]", "'shape' is [576]; expected two positive integers, N and K of a linear layer.")]
    [InlineData("[6, 96]", "[6, -96]", "'shape' is [6, -96]; expected two positive integers, N and K of a linear layer.")]
    [InlineData("[6, 96]", "[6, 96.5]", "'shape' is [6, 96.5]; expected two positive integers, N and K of a linear layer.")]
    [InlineData("[6, 96]", "null", "'shape' is null; expected two positive integers, N and K of a linear layer.")]
    [InlineData("\"blocksize\": 64", "\"blocksize\": 65", "'blocksize' is 65; expected a power of two from 32 to 4096.")]
    [InlineData("\"blocksize\": 64", "\"blocksize\": \"64\"", "'blocksize' is \"64\"; expected a power of two from 32 to 4096.")]
    [InlineData("\"nested_blocksize\": 4", "\"nested_blocksize\": 0", "'nested_blocksize' is 0; expected a positive integer.")]
    [InlineData("\"float32\"", "\"float16\"", "'nested_dtype' is \"float16\"; expected \"float32\".")]
    [InlineData("0.04156801477074623", "1e99", "'nested_offset' is 1e99; expected a finite number.")]
    [InlineData("0.04156801477074623", "null", "'nested_offset' is null; expected a finite number.")]
    public void A_state_of_something_else_is_refused_by_name(string stated, string instead, string message)
    {
        var buffers = Stored(Nested);
        var state = Encoding.UTF8.GetBytes(Nested.Replace(stated, instead, StringComparison.Ordinal));
        var error = Assert.Throws<InvalidDataException>(() => BitsAndBytes.Read(buffers with { State = state }));
        Assert.StartsWith($"Tensor 'w.quant_state.bitsandbytes__nf4': {message}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "Tensor 'w.quant_state.bitsandbytes__nf4' is not JSON: ")]
    [InlineData("{\"quant_type\": \"nf4\"", "Tensor 'w.quant_state.bitsandbytes__nf4' is not JSON: ")]
    [InlineData("[1]", "Tensor 'w.quant_state.bitsandbytes__nf4' is a JSON Array; expected an object. Get the checkpoint again.")]
    public void What_is_no_state_is_refused(string state, string message)
    {
        var buffers = Stored(Plain) with { State = Encoding.UTF8.GetBytes(state) };
        Assert.StartsWith(message, Assert.Throws<InvalidDataException>(() => BitsAndBytes.Read(buffers)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Buffers_of_other_lengths_are_refused_by_name()
    {
        var (plain, nested) = (Stored(Plain), Stored(Nested));
        Refused(plain with { Codes = plain.Codes[1..] }, "Tensor 'w' has 287 bytes; expected 288");
        Refused(plain with { AbsMax = plain.AbsMax[4..] }, "Tensor 'w.absmax' has 32 bytes; expected 36");
        Refused(plain with { AbsMax = nested.AbsMax }, "Tensor 'w.absmax' has 9 bytes; expected 36");
        Refused(plain with { QuantMap = default }, "Tensor 'w.quant_map' has 0 bytes; expected 64");
        Refused(nested with { AbsMax = plain.AbsMax }, "Tensor 'w.absmax' has 36 bytes; expected 9");
        Refused(nested with { NestedAbsMax = default }, "Tensor 'w.nested_absmax' has 0 bytes; expected 12");
        Refused(nested with { NestedQuantMap = default }, "Tensor 'w.nested_quant_map' has 0 bytes; expected 1024");
    }

    [Fact]
    public void Other_levels_and_scales_that_are_no_numbers_are_refused()
    {
        var plain = Stored(Plain);
        var map = Nf4.Levels.ToArray();
        map[3] = 0.25f;
        Refused(plain with { QuantMap = Bytes(map) }, "Tensor 'w.quant_map' has 0.25 for code 3; nf4 has -0.3949175.");
        var scales = MemoryMarshal.Cast<byte, float>(plain.AbsMax.Span).ToArray();
        scales[8] = float.NaN;
        Refused(plain with { AbsMax = Bytes(scales) }, "Tensor 'w.absmax' gives NaN for block 8; expected finite scales.");
    }

    static void Refused(BitsAndBytesBuffers buffers, string message) =>
        Assert.StartsWith(message, Assert.Throws<InvalidDataException>(() => BitsAndBytes.Read(buffers)).Message, StringComparison.Ordinal);

    static BitsAndBytesBuffers Stored(string state)
    {
        using var weights = TestMatrix.Normal(Rows, Columns, seed: 2);
        var matrix = Nf4.Quantise(weights.Source, rounding: ScaleRounding.None);
        var json = Encoding.UTF8.GetBytes(state);
        if (state == Plain)
        {
            return new("w", matrix.Codes, matrix.ScaleBytes, Bytes(Nf4.Levels.ToArray()), json);
        }

        var map = Enumerable.Range(0, 256).Select(i => (i - 127) / 128f).ToArray();
        return new(
            "w", matrix.Codes, new byte[] { 0, 255, 127, 128, 3, 77, 200, 13, 254 }, Bytes(Nf4.Levels.ToArray()), json,
            Bytes([0.0123f, 0.0345f, 0.00789f]), Bytes(map));
    }

    static byte[] Bytes(float[] numbers) => MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray();
}
