namespace OrtDpo.Quantization.Tests;

/// <summary>Memory that is [columns, rows], as GPT-2's layers have their weights, is quantised as its transpose would be.</summary>
public sealed class SourceMatrixTests
{
    // Whole blocks; shorter last blocks; rows that begin in the middle of a byte; one line; more than one range.
    static readonly (int Rows, int Columns)[] Shapes = [(4, 128), (5, 80), (7, 101), (101, 7), (1, 33), (33, 1), (129, 517)];

    public static TheoryData<QuantizedFormat, SourceType> Forms => new(
        from format in Enum.GetValues<QuantizedFormat>()
        from type in Enum.GetValues<SourceType>()
        select (format, type));

    public static TheoryData<QuantizedFormat> Formats => new(Enum.GetValues<QuantizedFormat>());

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_transposed_matrix_has_the_bytes_of_its_transpose(QuantizedFormat format, SourceType type)
    {
        foreach (var (rows, columns) in Shapes)
        {
            using var memory = Memory(rows, columns, type);
            using var transpose = new TestMatrix(Transposed(memory.Values, columns, rows), rows, columns);
            var source = AsTransposed(memory);
            foreach (var rounding in Enum.GetValues<ScaleRounding>())
            {
                var expected = QuantiserTests.Quantise(transpose.Source, format, 32, rounding);
                foreach (var threads in new[] { 1, 3 })
                {
                    QuantiserTests.AssertSame(expected, QuantiserTests.Quantise(source, format, 32, rounding, threads));
                }

                var error = QuantizationError.Squared(transpose.Source, expected);
                Assert.Equal(error, QuantizationError.Squared(source, expected, threads: 2));
            }
        }
    }

    [Fact]
    public void The_nearer_kind_of_int4_is_that_of_the_transpose()
    {
        foreach (var (rows, columns) in Shapes)
        {
            using var memory = Memory(rows, columns, SourceType.Float32);
            using var transpose = new TestMatrix(Transposed(memory.Values, columns, rows), rows, columns);
            var (expected, found) = (Int4.QuantiseNearer(transpose.Source), Int4.QuantiseNearer(AsTransposed(memory)));
            QuantiserTests.AssertSame(expected.Matrix, found.Matrix);
            Assert.Equal((expected.SymmetricError, expected.ZeroPointError), (found.SymmetricError, found.ZeroPointError));
        }
    }

    /// <summary>A file has [40, 30] there: whoever looks the number up counts in its lines.</summary>
    [Theory]
    [MemberData(nameof(Forms))]
    public void What_is_no_number_is_named_by_its_place_in_memory(QuantizedFormat format, SourceType type)
    {
        using var finite = Memory(rows: 30, columns: 40, type);
        var values = finite.Values.ToArray();
        values[(21 * 30) + 17] = float.NaN;
        using var wide = new TestMatrix(values, 40, 30);
        using var memory = type == SourceType.Float32 ? null : wide.Narrowed(type);
        var error = Assert.Throws<InvalidDataException>(
            () => QuantiserTests.Quantise(AsTransposed(memory ?? wide), format, 32, ScaleRounding.EightBits));
        Assert.Equal(
            "Tensor 'w' holds NaN at row 21, column 17 (index 647). Only finite weights can be quantized. "
            + "Get the file again, or correct the model.", error.Message);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void So_is_what_needs_too_large_a_scale(QuantizedFormat format)
    {
        var values = new float[40 * 30];
        values[(39 * 30) + 29] = 2e6f;
        using var memory = new TestMatrix(values, 40, 30);
        var error = Assert.Throws<InvalidDataException>(
            () => QuantiserTests.Quantise(AsTransposed(memory), format, 32, ScaleRounding.EightBits));
        Assert.StartsWith(
            "Tensor 'w' holds 2000000 at row 39, column 29 (index 1199), which needs a larger scale", error.Message,
            StringComparison.Ordinal);
    }

    // [columns, rows] in memory.
    static TestMatrix Memory(int rows, int columns, SourceType type)
    {
        var memory = TestMatrix.Weights(columns, rows, seed: rows);
        if (type == SourceType.Float32)
        {
            return memory;
        }

        using (memory)
        {
            return memory.Narrowed(type);
        }
    }

    static SourceMatrix AsTransposed(TestMatrix memory) =>
        memory.Source with { Rows = memory.Source.Columns, Columns = memory.Source.Rows, IsTransposed = true };

    static float[] Transposed(float[] values, int rows, int columns) =>
        [.. Enumerable.Range(0, columns).SelectMany(column => Enumerable.Range(0, rows).Select(row => values[(row * columns) + column]))];
}
