namespace OrtDpo.Quantization;

/// <summary>The shapes of what a quantized matrix consists of.</summary>
/// <param name="Codes">
/// uint8: [⌈N·K / 2⌉] for nf4; for int4 [N, ⌈K / block⌉, block / 2], where the last block of a row is filled up with codes of its zero
/// point. <c>MatMulBnb4</c> and <c>MatMulNBits</c> take these shapes, <c>GatherBlockQuantized</c> the latter with its last two dimensions
/// as one.
/// </param>
/// <param name="Scales">float32: [⌈N·K / block⌉] for nf4, [N, ⌈K / block⌉] for int4.</param>
/// <param name="ZeroPoints">
/// uint8: [N, ⌈⌈K / block⌉ / 2⌉], two to a byte, the first in the low nibble; the high nibble of the last byte is 0 where the number of
/// blocks is odd. Empty without zero points.
/// </param>
public sealed record QuantizedLayout(long[] Codes, long[] Scales, long[] ZeroPoints)
{
    /// <summary>The shapes for a matrix [rows, columns].</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no rows or no columns, or the block is none.</exception>
    /// <exception cref="NotSupportedException">The codes take more bytes than one buffer has.</exception>
    public static QuantizedLayout Of(QuantizedFormat format, int block, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        BlockSize.Require(block);
        long count = (long)rows * columns, blocks = (columns + block - 1L) / block;
        var layout = format == QuantizedFormat.Nf4
            ? new QuantizedLayout([(count + 1) / 2], [(count + block - 1) / block], [])
            : new QuantizedLayout(
                [rows, blocks, block / 2], [rows, blocks], format == QuantizedFormat.Int4ZeroPoints ? [rows, (blocks + 1) / 2] : []);
        return Elements(layout.Codes) <= Array.MaxLength
            ? layout
            : throw new NotSupportedException(
                $"A matrix [{rows}, {columns}] takes {Elements(layout.Codes)} bytes in 4 bits; one buffer has at most {Array.MaxLength}. "
                + "Leave this matrix as it is.");
    }

    /// <summary>Bytes of all parts.</summary>
    public long ByteCount => (long)CodeBytes + ScaleBytes + ZeroPointBytes;

    internal int CodeBytes => (int)Elements(Codes);

    internal int ScaleBytes => (int)Elements(Scales) * sizeof(float);

    internal int ZeroPointBytes => ZeroPoints.Length == 0 ? 0 : (int)Elements(ZeroPoints);

    static long Elements(long[] shape) => shape.Aggregate(1L, (count, size) => count * size);
}
