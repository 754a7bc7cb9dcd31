using System.Runtime.InteropServices;

namespace OrtDpo.Quantization.Tests;

/// <summary>ONNX Runtime's operators read what is written here as it is read here.</summary>
[Trait("Speed", "native")]
public sealed class OnnxRuntimeTests
{
    const int Outputs = 6, Batch = 3;

    // Whole blocks, an odd number of them, and a last one that is filled up.
    public static TheoryData<QuantizedFormat, int, int> Integers => new(
        from format in new[] { QuantizedFormat.Int4Symmetric, QuantizedFormat.Int4ZeroPoints }
        from shape in new[] { (256, 32), (96, 32), (112, 32), (384, 128), (200, 128) }
        select (format, shape.Item1, shape.Item2));

    [Theory]
    [MemberData(nameof(Integers))]
    public void GatherBlockQuantized_gives_the_same_bits(QuantizedFormat format, int inputs, int block)
    {
        using var weights = TestMatrix.Weights(Outputs, inputs, seed: inputs);
        foreach (var rounding in Enum.GetValues<ScaleRounding>())
        {
            var matrix = Int4.Quantise(weights.Source, format, block, rounding);
            long[] rows = [.. Enumerable.Range(0, Outputs).Select(row => (long)row)];
            var (blocks, padded) = (matrix.Layout.Scales[1], (int)matrix.Layout.Scales[1] * block);
            List<(Array, long[])> operands =
            [
                (matrix.Codes.ToArray(), [Outputs, padded / 2]), (rows, [Outputs]), (matrix.Scales.ToArray(), [Outputs, blocks]),
            ];
            if (format == QuantizedFormat.Int4ZeroPoints)
            {
                operands.Add((matrix.ZeroPoints.ToArray(), matrix.Layout.ZeroPoints));
            }

            var found = OperatorRun.Of(
                "GatherBlockQuantized", [("bits", 4), ("block_size", block), ("gather_axis", 0), ("quantize_axis", 1)], [.. operands]);
            Assert.Equal(Outputs * padded, found.Length);
            var expected = new float[inputs];
            for (var row = 0; row < Outputs; row++)
            {
                matrix.DequantiseRows(row, 1, expected);
                Assert.Equal(Bits(expected), Bits(found.AsSpan(row * padded, inputs).ToArray()));
                Assert.All(found.AsSpan((row * padded) + inputs, padded - inputs).ToArray(), filling => Assert.Equal(0, filling));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Integers))]
    public void MatMulNBits_multiplies_by_the_same_weights(QuantizedFormat format, int inputs, int block)
    {
        using var weights = TestMatrix.Normal(Outputs, inputs, seed: inputs);
        var matrix = Int4.Quantise(weights.Source, format, block);
        using var x = TestMatrix.Normal(Batch, inputs, seed: 1, size: 1);
        List<(Array, long[])> operands =
        [
            (x.Values, [Batch, inputs]), (matrix.Codes.ToArray(), matrix.Layout.Codes), (matrix.Scales.ToArray(), matrix.Layout.Scales),
        ];
        if (format == QuantizedFormat.Int4ZeroPoints)
        {
            operands.Add((matrix.ZeroPoints.ToArray(), matrix.Layout.ZeroPoints));
        }

        var found = OperatorRun.Of(
            "MatMulNBits", [("K", inputs), ("N", Outputs), ("bits", 4), ("block_size", block)], [.. operands]);
        AssertProduct(x, matrix, found);
    }

    /// <summary>With transB = 1 alone: the CPU's product with transB = 0 is wrong in ONNX Runtime 1.31.</summary>
    [Theory]
    [InlineData(128, 64)]
    [InlineData(128, 32)]
    [InlineData(96, 64)]
    // A last block that is not full: 6 · 80 weights are seven and a half.
    [InlineData(80, 64)]
    public void MatMulBnb4_multiplies_by_the_same_weights(int inputs, int block)
    {
        using var weights = TestMatrix.Normal(Outputs, inputs, seed: inputs);
        using var x = TestMatrix.Normal(Batch, inputs, seed: 1, size: 1);
        foreach (var rounding in Enum.GetValues<ScaleRounding>())
        {
            var matrix = Nf4.Quantise(weights.Source, block, rounding);
            var found = OperatorRun.Of(
                "MatMulBnb4", [("K", inputs), ("N", Outputs), ("block_size", block), ("quant_type", 1), ("transB", 1)],
                (x.Values, [Batch, inputs]), (matrix.Codes.ToArray(), matrix.Layout.Codes),
                (matrix.Scales.ToArray(), matrix.Layout.Scales));
            AssertProduct(x, matrix, found);
        }
    }

    /// <summary>Whole blocks, and a last one that is filled up.</summary>
    [Theory]
    [InlineData(128, 32)]
    [InlineData(112, 32)]
    [InlineData(200, 128)]
    public void MatMulNBits_of_8_bits_multiplies_by_the_same_weights(int inputs, int block)
    {
        using var weights = TestMatrix.Normal(Outputs, inputs, seed: inputs);
        using var x = TestMatrix.Normal(Batch, inputs, seed: 1, size: 1);
        var matrix = Int8Matrix.Quantise(weights.Source, block);
        var found = OperatorRun.Of(
            "MatMulNBits", [("K", inputs), ("N", Outputs), ("bits", 8), ("block_size", block)],
            (x.Values, [Batch, inputs]), (matrix.Codes.ToArray(), [Outputs, matrix.Blocks, block]),
            (MemoryMarshal.Cast<byte, float>(matrix.ScaleBytes.Span).ToArray(), [Outputs, matrix.Blocks]));
        var numbers = new float[Outputs * inputs];
        matrix.DequantiseRows(0, Outputs, numbers);
        AssertProduct(x, inputs, numbers, found);
    }

    // As parts of the sum of the magnitudes of all terms: terms may cancel.
    static void AssertProduct(TestMatrix x, QuantizedMatrix matrix, float[] found) =>
        AssertProduct(x, matrix.Columns, QuantiserTests.Dequantised(matrix), found);

    static void AssertProduct(TestMatrix x, int columns, float[] w, float[] found)
    {
        Assert.Equal(Batch * Outputs, found.Length);
        for (var i = 0; i < found.Length; i++)
        {
            var (row, output) = Math.DivRem(i, Outputs);
            double[] terms = [.. Enumerable.Range(0, columns)
                .Select(k => (double)x.Values[(row * columns) + k] * w[(output * columns) + k])];
            AssertClose(terms.Sum(), found[i], absolute: Tolerances.Float32Graph * terms.Sum(Math.Abs));
        }
    }

    static uint[] Bits(float[] numbers) => [.. numbers.Select(BitConverter.SingleToUInt32Bits)];
}
