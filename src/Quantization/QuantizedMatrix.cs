using System.Runtime.InteropServices;

namespace OrtDpo.Quantization;

/// <summary>
/// A matrix [rows, columns] in 4 bits. Its memory is its own or somebody's view, such as <see cref="ViewedBytes"/> of a mapped file.
/// </summary>
public sealed class QuantizedMatrix
{
    const int Middle = 8;

    /// <summary>A matrix of these parts, whose shapes <see cref="QuantizedLayout"/> tells.</summary>
    /// <param name="form">What the parts mean.</param>
    /// <param name="rows">N, the outputs of a linear layer.</param>
    /// <param name="columns">K, its inputs.</param>
    /// <param name="codes">uint8, two codes to a byte.</param>
    /// <param name="scaleBytes">float32, little-endian.</param>
    /// <param name="zeroPoints">uint8, two to a byte; empty without zero points.</param>
    /// <exception cref="ArgumentException">A part has another length than its shape.</exception>
    /// <exception cref="NotSupportedException">The codes take more bytes than one buffer has.</exception>
    public QuantizedMatrix(
        QuantizedForm form, int rows, int columns, ReadOnlyMemory<byte> codes, ReadOnlyMemory<byte> scaleBytes,
        ReadOnlyMemory<byte> zeroPoints = default)
    {
        Layout = QuantizedLayout.Of(form.Format, form.Block, rows, columns);
        (Form, Rows, Columns, Codes, ScaleBytes, ZeroPoints) = (form, rows, columns, codes, scaleBytes, zeroPoints);
        Require(codes.Length, Layout.CodeBytes, nameof(codes));
        Require(scaleBytes.Length, Layout.ScaleBytes, nameof(scaleBytes));
        Require(zeroPoints.Length, Layout.ZeroPointBytes, nameof(zeroPoints));
    }

    public QuantizedForm Form { get; }

    public int Rows { get; }

    public int Columns { get; }

    public QuantizedLayout Layout { get; }

    /// <summary>uint8, two codes to a byte: of shape <see cref="QuantizedLayout.Codes"/>.</summary>
    public ReadOnlyMemory<byte> Codes { get; }

    /// <summary>The bytes of <see cref="Scales"/>.</summary>
    public ReadOnlyMemory<byte> ScaleBytes { get; }

    /// <summary>uint8, two zero points to a byte: of shape <see cref="QuantizedLayout.ZeroPoints"/>.</summary>
    public ReadOnlyMemory<byte> ZeroPoints { get; }

    /// <summary>float32 of shape <see cref="QuantizedLayout.Scales"/>.</summary>
    public ReadOnlySpan<float> Scales => MemoryMarshal.Cast<byte, float>(ScaleBytes.Span);

    /// <summary>Bytes of all parts.</summary>
    public long ByteCount => (long)Codes.Length + ScaleBytes.Length + ZeroPoints.Length;

    /// <summary>The whole matrix as float32.</summary>
    /// <inheritdoc cref="DequantiseRows"/>
    public void Dequantise(Span<float> destination) => DequantiseRows(0, Rows, destination);

    /// <summary>
    /// Rows as float32, on the calling thread: level · scale for nf4, (code − zero point) · scale for int4, each rounded once, so that int4
    /// equals ONNX Runtime's <c>GatherBlockQuantized</c> bit for bit.
    /// </summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="destination">float32 [count, columns]; may be longer.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such rows.</exception>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void DequantiseRows(int first, int count, Span<float> destination)
    {
        RequireRows(first, count);
        if (destination.Length < (long)count * Columns)
        {
            throw new ArgumentException(
                $"{count} rows of {Columns} numbers do not fit into {destination.Length}.", nameof(destination));
        }

        if (Form.Format == QuantizedFormat.Nf4)
        {
            DecodeValues((long)first * Columns, destination[..(count * Columns)]);
            return;
        }

        for (var row = 0; row < count; row++)
        {
            DecodeRow(first + row, destination.Slice(row * Columns, Columns));
        }
    }

    /// <summary>Rows as columns of a matrix [columns, rows], float32, which holds the whole transposed.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="destination">float32 [columns, rows], of which this writes columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such rows.</exception>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void DequantiseTransposed(int first, int count, Span<float> destination)
    {
        RequireRows(first, count);
        if (destination.Length < (long)Rows * Columns)
        {
            throw new ArgumentException(
                $"A matrix [{Columns}, {Rows}] does not fit into {destination.Length} numbers.", nameof(destination));
        }

        // One cache line of a line of the result at a time.
        const int Strip = 16;
        var rows = new float[Math.Min(Strip, count) * Columns];
        for (var done = 0; done < count; done += Strip)
        {
            var (start, strip) = (first + done, Math.Min(Strip, count - done));
            DequantiseRows(start, strip, rows);
            for (var column = 0; column < Columns; column++)
            {
                var line = destination.Slice((int)(((long)column * Rows) + start), strip);
                for (var row = 0; row < strip; row++)
                {
                    line[row] = rows[(row * Columns) + column];
                }
            }
        }
    }

    /// <summary>
    /// The same codes with scales rounded as <see cref="ScaleRounding.EightBits"/> says: for a matrix that another program quantised with
    /// float32 scales.
    /// </summary>
    /// <exception cref="InvalidDataException">A scale is too large; the message says which.</exception>
    public QuantizedMatrix WithRoundedScales()
    {
        var bytes = ScaleBytes.ToArray();
        var scales = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        for (var i = 0; i < scales.Length; i++)
        {
            var rounded = BlockScale.Round(scales[i], ScaleRounding.EightBits);
            scales[i] = BlockScale.IsRounded(rounded, ScaleRounding.EightBits) ? rounded : throw new InvalidDataException(
                FormattableString.Invariant(
                    $"Scale {i} is {scales[i]}; float16 and bfloat16 both hold numbers up to {BlockScale.Largest}. ")
                + "Keep the scales of this matrix unrounded.");
        }

        return new QuantizedMatrix(Form with { Rounding = ScaleRounding.EightBits }, Rows, Columns, Codes, bytes, ZeroPoints);
    }

    // Blocks of the flattened matrix: rows may begin in the middle of one, and, where columns are odd, in the middle of a byte.
    void DecodeValues(long first, Span<float> destination)
    {
        var codes = Codes.Span;
        var scales = Scales;
        while (destination.Length > 0)
        {
            var (block, start) = Math.DivRem(first, Form.Block);
            var count = Math.Min(Form.Block - (int)start, destination.Length);
            var bytes = codes[(int)(block * (Form.Block / 2))..];
            NibbleTable.Nf4.Decode(bytes, (int)start, zero: 0, scales[(int)block], destination[..count]);
            destination = destination[count..];
            first += count;
        }
    }

    void DecodeRow(int row, Span<float> destination)
    {
        var blocks = (Columns + Form.Block - 1) / Form.Block;
        var codes = Codes.Span.Slice((int)((long)row * blocks * (Form.Block / 2)), blocks * (Form.Block / 2));
        var scales = Scales.Slice(row * blocks, blocks);
        var zeroPoints = ZeroPoints.IsEmpty ? default : ZeroPoints.Span.Slice(row * ((blocks + 1) / 2), (blocks + 1) / 2);
        for (var block = 0; block < blocks; block++)
        {
            var zero = zeroPoints.IsEmpty ? Middle : (zeroPoints[block / 2] >> (4 * (block % 2))) & 15;
            var count = Math.Min(Form.Block, Columns - (block * Form.Block));
            NibbleTable.Int4.Decode(
                codes[(block * (Form.Block / 2))..], start: 0, zero, scales[block], destination.Slice(block * Form.Block, count));
        }
    }

    void RequireRows(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)first + count, Rows, nameof(count));
    }

    static void Require(int length, int expected, string name)
    {
        if (length != expected)
        {
            throw new ArgumentException($"{length} bytes; the matrix has {expected}.", name);
        }
    }
}
