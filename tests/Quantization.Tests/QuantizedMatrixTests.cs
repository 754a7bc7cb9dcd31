using System.Runtime.InteropServices;

namespace OrtDpo.Quantization.Tests;

public sealed class QuantizedMatrixTests
{
    // Whole blocks; a shorter last block; odd columns, where rows of nf4 begin in the middle of a byte; less than a block.
    public static TheoryData<QuantizedFormat, int, int> Shapes => new(
        from format in Enum.GetValues<QuantizedFormat>()
        from shape in new[] { (4, 128), (5, 80), (7, 101), (3, 3), (1, 1) }
        select (format, shape.Item1, shape.Item2));

    public static TheoryData<QuantizedFormat> Formats => new(Enum.GetValues<QuantizedFormat>());

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Numbers_are_those_of_the_definition_rounded_once(QuantizedFormat format, int rows, int columns)
    {
        foreach (var rounding in Enum.GetValues<ScaleRounding>())
        {
            using var weights = TestMatrix.Weights(rows, columns, seed: rows);
            var matrix = QuantiserTests.Quantise(weights.Source, format, 32, rounding);
            var found = QuantiserTests.Dequantised(matrix);
            for (var i = 0; i < found.Length; i++)
            {
                // The product of two float32 is exact in float64.
                Assert.Equal((float)Naive.Number(matrix, i / columns, i % columns), found[i]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Rows_are_those_of_the_whole_matrix(QuantizedFormat format, int rows, int columns)
    {
        using var weights = TestMatrix.Normal(rows, columns, seed: rows);
        var matrix = QuantiserTests.Quantise(weights.Source, format, 32, ScaleRounding.EightBits);
        var whole = QuantiserTests.Dequantised(matrix);
        for (var first = 0; first <= rows; first++)
        {
            for (var count = 0; first + count <= rows; count++)
            {
                // One more, which is not to be written.
                var found = new float[(count * columns) + 1];
                found[^1] = 17;
                matrix.DequantiseRows(first, count, found);
                Assert.Equal([.. whole.AsSpan(first * columns, count * columns), 17], found);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Transposed_rows_are_columns_and_nothing_else_is_written(QuantizedFormat format, int rows, int columns) =>
        AssertTransposes(format, rows, columns, parts:
            from first in Enumerable.Range(0, rows + 1)
            from count in Enumerable.Range(0, rows + 1 - first)
            select (first, count));

    /// <summary>More rows than are transposed at a time; odd numbers of them, from odd rows on.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void So_they_are_of_matrices_of_many_rows(QuantizedFormat format) =>
        AssertTransposes(format, rows: 83, columns: 37, parts: [(0, 83), (0, 16), (16, 16), (1, 33), (15, 17), (67, 16), (82, 1), (83, 0)]);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Parts_have_the_lengths_of_their_shapes(QuantizedFormat format, int rows, int columns)
    {
        using var weights = TestMatrix.Normal(rows, columns, seed: rows);
        var matrix = QuantiserTests.Quantise(weights.Source, format, 32, ScaleRounding.EightBits);
        Assert.Equal(matrix.Layout.Codes.Aggregate((a, b) => a * b), matrix.Codes.Length);
        Assert.Equal(4 * matrix.Layout.Scales.Aggregate((a, b) => a * b), matrix.ScaleBytes.Length);
        Assert.Equal(
            format == QuantizedFormat.Int4ZeroPoints ? matrix.Layout.ZeroPoints.Aggregate((a, b) => a * b) : 0, matrix.ZeroPoints.Length);
        Assert.Equal(matrix.Codes.Length + matrix.ScaleBytes.Length + matrix.ZeroPoints.Length, matrix.ByteCount);
    }

    /// <summary>4 + 32 / 64 bits for a weight of nf4, 4 + 32 / 32 of int4, and 4 / 32 for zero points.</summary>
    [Theory]
    [InlineData(QuantizedFormat.Nf4, 64, 4.5)]
    [InlineData(QuantizedFormat.Int4Symmetric, 32, 5)]
    [InlineData(QuantizedFormat.Int4ZeroPoints, 32, 5.125)]
    public void Bits_of_a_weight(QuantizedFormat format, int block, double bits)
    {
        using var weights = TestMatrix.Normal(16, 256, seed: 1);
        var matrix = QuantiserTests.Quantise(weights.Source, format, block, ScaleRounding.EightBits);
        Assert.Equal(bits * 16 * 256 / 8, matrix.ByteCount);
    }

    [Fact]
    public void Native_memory_may_hold_the_parts()
    {
        using var weights = TestMatrix.Normal(5, 80, seed: 4);
        var own = Int4.Quantise(weights.Source, QuantizedFormat.Int4ZeroPoints);
        using var codes = new Copy(own.Codes);
        using var scales = new Copy(own.ScaleBytes);
        using var zeroPoints = new Copy(own.ZeroPoints);
        var viewed = new QuantizedMatrix(own.Form, 5, 80, codes.View, scales.View, zeroPoints.View);
        QuantiserTests.AssertSame(own, viewed);
        Assert.Equal(QuantiserTests.Dequantised(own), QuantiserTests.Dequantised(viewed));
    }

    [Fact]
    public void Rows_that_do_not_exist_or_do_not_fit_are_refused()
    {
        using var weights = TestMatrix.Normal(5, 80, seed: 4);
        var matrix = Nf4.Quantise(weights.Source);
        var room = new float[80];
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.DequantiseRows(-1, 1, room));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.DequantiseRows(0, -1, room));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.DequantiseRows(5, 1, room));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.DequantiseRows(1, int.MaxValue, room));
        var error = Assert.Throws<ArgumentException>(() => matrix.DequantiseRows(0, 2, room));
        Assert.StartsWith("2 rows of 80 numbers do not fit into 80.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Neither_are_they_transposed()
    {
        using var weights = TestMatrix.Normal(5, 80, seed: 4);
        var matrix = Nf4.Quantise(weights.Source);
        var room = new float[5 * 80];
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.DequantiseTransposed(-1, 1, room));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.DequantiseTransposed(0, -1, room));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.DequantiseTransposed(5, 1, room));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.DequantiseTransposed(6, 0, room));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.DequantiseTransposed(1, int.MaxValue, room));
        Assert.All(room, number => Assert.Equal(0, number));
        var error = Assert.Throws<ArgumentException>(() => matrix.DequantiseTransposed(0, 1, new float[399]));
        Assert.StartsWith("A matrix [80, 5] does not fit into 399 numbers.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_of_other_lengths_are_refused()
    {
        using var weights = TestMatrix.Normal(5, 80, seed: 4);
        var own = Int4.Quantise(weights.Source, QuantizedFormat.Int4ZeroPoints);
        Refused("codes", own.Codes[1..], own.ScaleBytes, own.ZeroPoints);
        Refused("scaleBytes", own.Codes, own.ScaleBytes[4..], own.ZeroPoints);
        Refused("zeroPoints", own.Codes, own.ScaleBytes, default);

        void Refused(string part, ReadOnlyMemory<byte> codes, ReadOnlyMemory<byte> scales, ReadOnlyMemory<byte> zeroPoints) =>
            Assert.Throws<ArgumentException>(part, () => new QuantizedMatrix(own.Form, 5, 80, codes, scales, zeroPoints));
    }

    [Fact]
    public void Scales_can_be_rounded_afterwards()
    {
        using var weights = TestMatrix.Normal(5, 80, seed: 4);
        var exact = Nf4.Quantise(weights.Source, rounding: ScaleRounding.None);
        var rounded = exact.WithRoundedScales();
        Assert.Equal(ScaleRounding.EightBits, rounded.Form.Rounding);
        Assert.Equal(exact.Codes, rounded.Codes);
        Assert.Equal(Nf4.Quantise(weights.Source).Scales, rounded.Scales);

        using var large = new TestMatrix([1e6f, 1], 1, 2);
        var error = Assert.Throws<InvalidDataException>(Nf4.Quantise(large.Source, rounding: ScaleRounding.None).WithRoundedScales);
        Assert.Equal(
            "Scale 0 is 1000000; float16 and bfloat16 both hold numbers up to 65280. Keep the scales of this matrix unrounded.",
            error.Message);
    }

    static void AssertTransposes(QuantizedFormat format, int rows, int columns, IEnumerable<(int First, int Count)> parts)
    {
        using var weights = TestMatrix.Normal(rows, columns, seed: rows);
        var matrix = QuantiserTests.Quantise(weights.Source, format, 32, ScaleRounding.EightBits);
        var whole = QuantiserTests.Dequantised(matrix);
        foreach (var (first, count) in parts)
        {
            // One more at the end. No weight is 17.
            var found = new float[whole.Length + 1];
            found.AsSpan().Fill(17);
            matrix.DequantiseTransposed(first, count, found);
            for (var i = 0; i < whole.Length; i++)
            {
                var (row, column) = Math.DivRem(i, columns);
                Assert.Equal(row >= first && row < first + count ? whole[i] : 17, found[(column * rows) + row]);
            }

            Assert.Equal(17, found[^1]);
        }
    }

    sealed unsafe class Copy : IDisposable
    {
        readonly void* memory;
        readonly ViewedBytes view;

        public Copy(ReadOnlyMemory<byte> bytes)
        {
            memory = NativeMemory.Alloc((nuint)bytes.Length);
            bytes.Span.CopyTo(new Span<byte>(memory, bytes.Length));
            view = new ViewedBytes((nint)memory, bytes.Length);
        }

        public ReadOnlyMemory<byte> View => view.Memory;

        public void Dispose() => NativeMemory.Free(memory);
    }
}
