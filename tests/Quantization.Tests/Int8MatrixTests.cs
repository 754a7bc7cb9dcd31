using System.Runtime.InteropServices;

namespace OrtDpo.Quantization.Tests;

/// <summary>Integers of 8 bits, by hand and by what must hold of any.</summary>
public sealed class Int8MatrixTests
{
    [Fact]
    public void A_block_by_hand()
    {
        // The largest magnitude is 254, so the scale is 2: 3 / 2 and 5 / 2 are halves, which go to the even integer.
        var values = new float[33];
        (values[0], values[1], values[2], values[3], values[32]) = (-254, 3, 5, 0.9f, 12.7f);
        using var source = new TestMatrix(values, 1, 33);
        var matrix = Int8Matrix.Quantise(source.Source);
        Assert.Equal((1, 33, 2), (matrix.Rows, matrix.Columns, matrix.Blocks));
        Assert.Equal([2, 12.7f / 127], MemoryMarshal.Cast<byte, float>(matrix.ScaleBytes.Span).ToArray());
        Assert.Equal([1, 130, 130, 128], matrix.Codes[..4].ToArray());
        Assert.Equal(255, matrix.Codes.Span[32]);
        // What fills up a row's last block stands for 0.
        Assert.All(matrix.Codes[33..].ToArray(), code => Assert.Equal(128, code));
        var found = new float[33];
        matrix.DequantiseRows(0, 1, found);
        Assert.Equal([-254, 4, 4, 0], found[..4]);
    }

    [Theory]
    [InlineData(32, false)]
    [InlineData(128, false)]
    [InlineData(32, true)]
    public void No_number_is_farther_off_than_half_a_step(int block, bool isTransposed)
    {
        const int Rows = 24, Columns = 200;
        using var normal = TestMatrix.Normal(Rows, Columns, seed: 3);
        var values = normal.Values;
        using var source = isTransposed ? new TestMatrix(values, Columns, Rows) : null;
        var given = isTransposed ? source!.Source with { Rows = Rows, Columns = Columns, IsTransposed = true } : normal.Source;
        var matrix = Int8Matrix.Quantise(given, block, threads: 2);
        Assert.Equal(Int8Matrix.Quantise(given, block).Codes.ToArray(), matrix.Codes.ToArray());
        var found = new float[Rows * Columns];
        matrix.DequantiseRows(0, Rows, found);
        var scales = MemoryMarshal.Cast<byte, float>(matrix.ScaleBytes.Span).ToArray();
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                var expected = isTransposed ? values[(column * Rows) + row] : values[(row * Columns) + column];
                var step = scales[(row * matrix.Blocks) + (column / block)];
                AssertClose(expected, found[(row * Columns) + column], step / 2 * 1.0001, what: $"{row}, {column}");
            }
        }
    }

    [Fact]
    public void A_block_of_zeros_stays_zeros_and_what_is_not_finite_is_named()
    {
        using var zeros = new TestMatrix(new float[128], 2, 64);
        var found = new float[128];
        Int8Matrix.Quantise(zeros.Source).DequantiseRows(0, 2, found);
        Assert.All(found, number => Assert.Equal(0, number));

        var values = new float[128];
        values[70] = float.NaN;
        using var broken = new TestMatrix(values, 2, 64);
        var refused = Assert.Throws<InvalidDataException>(() => Int8Matrix.Quantise(broken.Source));
        Assert.Contains("holds NaN at row 1, column 6", refused.Message, StringComparison.Ordinal);
    }
}
