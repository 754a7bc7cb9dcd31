using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace OrtDpo.Quantization;

/// <summary>
/// A matrix [rows, columns] in integers of 8 bits, (code − 128) · scale, in the layout of ONNX Runtime's <c>MatMulNBits</c> with
/// <c>bits = 8</c> (docs/ContribOperators.md): blocks along each row.
/// </summary>
/// <remarks>
/// A block's scale is 1/127 of its largest magnitude, in float32; a code is the integer nearest to value / scale, of two the even one, plus
/// 128. A block of zeros has scale 0 and codes of 128, and so has what fills up the last block of a row.
/// </remarks>
public sealed class Int8Matrix
{
    /// <summary>Values with one scale, as of <see cref="Int4.UsualBlock"/>.</summary>
    public const int UsualBlock = 32;

    const int Middle = 128, Largest = 127;

    readonly byte[] codes;
    readonly byte[] scales;

    Int8Matrix(int rows, int columns, int block)
    {
        (Rows, Columns, Block, Blocks) = (rows, columns, block, (columns + block - 1) / block);
        if ((long)rows * Blocks * block > Array.MaxLength)
        {
            throw new NotSupportedException(
                $"A matrix [{rows}, {columns}] takes {(long)rows * Blocks * block} bytes in 8 bits; one buffer has at most "
                + $"{Array.MaxLength}. Leave this matrix as it is.");
        }

        (codes, scales) = (new byte[rows * Blocks * block], new byte[rows * Blocks * sizeof(float)]);
    }

    /// <summary>N, the outputs of a linear layer.</summary>
    public int Rows { get; }

    /// <summary>K, its inputs.</summary>
    public int Columns { get; }

    /// <summary>Values with one scale.</summary>
    public int Block { get; }

    /// <summary>Blocks of a row.</summary>
    public int Blocks { get; }

    /// <summary>uint8 [rows, blocks, block].</summary>
    public ReadOnlyMemory<byte> Codes => codes;

    /// <summary>float32 [rows, blocks], little-endian.</summary>
    public ReadOnlyMemory<byte> ScaleBytes => scales;

    /// <summary>Quantises a matrix.</summary>
    /// <param name="source">float32, float16 or bfloat16 [N, K].</param>
    /// <param name="block">Values with one scale: a power of two from 32 to 4096.</param>
    /// <param name="threads">Threads at most; the result does not depend on them.</param>
    /// <exception cref="InvalidDataException">A value is not finite; the message says which.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The block or the number of threads is none.</exception>
    /// <exception cref="NotSupportedException">The codes take more bytes than one buffer has.</exception>
    public static Int8Matrix Quantise(SourceMatrix source, int block = UsualBlock, int threads = 1)
    {
        BlockSize.Require(block);
        var matrix = new Int8Matrix(source.Rows, source.Columns, block);
        var rows = Math.Max(1, FixedRanges.Values / source.Columns);
        var fault = FixedRanges.Run((source.Rows + rows - 1) / rows, threads, range =>
        {
            var buffer = source.Buffer(source.Columns);
            for (var row = range * rows; row < Math.Min((range + 1) * rows, source.Rows); row++)
            {
                var first = (long)row * source.Columns;
                if (matrix.Encode(row, source.Read(first, source.Columns, buffer)) is { } column)
                {
                    return first + column;
                }
            }

            return null;
        });
        return fault is { } index ? throw source.Fault(index) : matrix;
    }

    /// <summary>Rows as float32, each number rounded once.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="destination">float32 [count, columns].</param>
    public void DequantiseRows(int first, int count, Span<float> destination)
    {
        var all = MemoryMarshal.Cast<byte, float>(scales.AsSpan());
        for (var i = 0; i < count * Columns; i++)
        {
            var (row, column) = (first + (i / Columns), i % Columns);
            var scale = all[(row * Blocks) + (column / Block)];
            destination[i] = (codes[((long)row * Blocks * Block) + column] - Middle) * scale;
        }
    }

    // The first value of the row that cannot be quantised, or null.
    int? Encode(int row, ReadOnlySpan<float> values)
    {
        var rowScales = MemoryMarshal.Cast<byte, float>(scales.AsSpan()).Slice(row * Blocks, Blocks);
        var rowCodes = codes.AsSpan(row * Blocks * Block, Blocks * Block);
        rowCodes.Fill(Middle);
        for (var block = 0; block < Blocks; block++)
        {
            var start = block * Block;
            var part = values[start..Math.Min(start + Block, values.Length)];
            var scale = MathF.Abs(TensorPrimitives.MaxMagnitude(part)) / Largest;
            if (!float.IsFinite(scale))
            {
                return start + Nibbles.Worst(part);
            }

            rowScales[block] = scale;
            for (var i = 0; scale > 0 && i < part.Length; i++)
            {
                // Clamped: a magnitude near the smallest float32 has a scale of few digits.
                rowCodes[start + i] = (byte)(Math.Clamp(MathF.Round(part[i] / scale), -Largest, Largest) + Middle);
            }
        }

        return null;
    }
}
