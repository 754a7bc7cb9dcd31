using OrtDpo.Quantization;

namespace OrtDpo.Models.Tests.Quantized;

/// <summary>A matrix as a <c>MatMulNBits</c> node has it, and what its numbers are by the operator's description.</summary>
/// <param name="Rows">N.</param>
/// <param name="Columns">K.</param>
/// <param name="Block">Columns with one scale.</param>
/// <param name="Codes">[N, blocks, block / 2].</param>
/// <param name="Scales">[N, blocks].</param>
/// <param name="ZeroPoints">[N, ⌈blocks / 2⌉], or null.</param>
sealed record HostMatrix(int Rows, int Columns, int Block, byte[] Codes, float[] Scales, byte[]? ZeroPoints)
{
    public int Blocks => (Columns + Block - 1) / Block;

    /// <summary>Bytes without a pattern, those that stand for nothing too; scales that float16 and bfloat16 hold.</summary>
    public static HostMatrix Random(int rows, int columns, int block, bool zeroPoints, int seed)
    {
        var random = new Random(seed);
        var blocks = (columns + block - 1) / block;
        var matrix = new HostMatrix(
            rows, columns, block, new byte[rows * blocks * block / 2],
            [.. Enumerable.Range(0, rows * blocks).Select(_ => random.Next(-128, 128) / 256f)],
            zeroPoints ? new byte[rows * ((blocks + 1) / 2)] : null);
        random.NextBytes(matrix.Codes);
        random.NextBytes(matrix.ZeroPoints ?? []);
        return matrix;
    }

    public static HostMatrix Of(QuantizedMatrix matrix) => new(
        matrix.Rows, matrix.Columns, matrix.Form.Block, matrix.Codes.ToArray(), matrix.Scales.ToArray(),
        matrix.ZeroPoints.IsEmpty ? null : matrix.ZeroPoints.ToArray());

    /// <summary>(code − zero point) · scale of an element.</summary>
    public float Number(int row, int column)
    {
        var block = column / Block;
        var code = Nibble(Codes, (row * Blocks * Block) + column);
        var zero = ZeroPoints is null ? 8 : Nibble(ZeroPoints, (row * 2 * ((Blocks + 1) / 2)) + block);
        return (code - zero) * Scales[(row * Blocks) + block];
    }

    public float[] Numbers() => [.. Enumerable.Range(0, Rows).SelectMany(r => Enumerable.Range(0, Columns).Select(c => Number(r, c)))];

    static int Nibble(byte[] bytes, int index) => index % 2 == 0 ? bytes[index / 2] % 16 : bytes[index / 2] / 16;
}
