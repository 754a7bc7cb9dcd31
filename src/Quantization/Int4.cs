using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace OrtDpo.Quantization;

/// <summary>
/// Integers of 4 bits in the layout of ONNX Runtime's <c>MatMulNBits</c> and <c>GatherBlockQuantized</c> (docs/ContribOperators.md), with
/// <c>bits = 4</c>: blocks along K of each row.
/// </summary>
/// <remarks>
/// <para>
/// Symmetric: the scale is −1/8 of the value farthest from 0, which may make it negative, and the zero point 8. With zero points: the scale
/// is 1/15 of the way from the smallest value, or 0, to the largest, or 0; the zero point is the integer nearest to where 0 lies. These are
/// the choices of ONNX Runtime's own quantiser (mlas/lib/q4_dq.cpp). The scale is rounded first, and zero point and codes are chosen for
/// the rounded one: the nearest integer to value / scale, of two the even one, plus the zero point, not below 0 nor above 15. A block of
/// zeros has scale 0 and codes of 8.
/// </para>
/// <para>
/// Where K is no multiple of the block, the last block of each row is filled up with codes of its zero point, which stand for 0.
/// <c>MatMulNBits</c> knows K and leaves them out; <c>GatherBlockQuantized</c> gives them as columns of zeros.
/// </para>
/// </remarks>
public static class Int4
{
    /// <summary>The block of ONNX Runtime's own quantiser.</summary>
    public const int UsualBlock = 32;

    const int Middle = 8;

    /// <summary>Quantises a matrix.</summary>
    /// <param name="source">float32, float16 or bfloat16 [N, K]; 16-bit values are widened some rows at a time.</param>
    /// <param name="format"><see cref="QuantizedFormat.Int4Symmetric"/> or <see cref="QuantizedFormat.Int4ZeroPoints"/>.</param>
    /// <param name="block">Values with one scale: a power of two from 32 to 4096; ONNX Runtime is fastest with 32 and 128.</param>
    /// <param name="rounding">What scales are rounded to.</param>
    /// <param name="threads">Threads at most; the result does not depend on them.</param>
    /// <exception cref="InvalidDataException">A value is not finite or needs too large a scale; the message says which.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The matrix has no elements, or the format, the block or the number of threads is none.
    /// </exception>
    /// <exception cref="NotSupportedException">The codes take more bytes than one buffer has.</exception>
    public static QuantizedMatrix Quantise(
        SourceMatrix source, QuantizedFormat format, int block = UsualBlock, ScaleRounding rounding = ScaleRounding.EightBits,
        int threads = 1)
    {
        if (format == QuantizedFormat.Nf4)
        {
            throw new ArgumentOutOfRangeException(nameof(format), format, "Expected a format of integers.");
        }

        var form = new QuantizedForm(format, block, rounding, QuantizedForm.OwnQuantizer);
        var layout = QuantizedLayout.Of(format, block, source.Rows, source.Columns);
        var parts = (Codes: new byte[layout.CodeBytes], Scales: new byte[layout.ScaleBytes], Zeros: new byte[layout.ZeroPointBytes]);
        var blocks = (int)layout.Scales[1];
        var rows = Math.Max(1, FixedRanges.Values / source.Columns);
        var fault = FixedRanges.Run((source.Rows + rows - 1) / rows, threads, range =>
        {
            var buffer = source.Buffer(source.Columns);
            for (var row = range * rows; row < Math.Min((range + 1) * rows, source.Rows); row++)
            {
                var first = (long)row * source.Columns;
                var bad = Encode(
                    source.Read(first, source.Columns, buffer), form, parts.Codes.AsSpan((int)((long)row * blocks * (block / 2))),
                    MemoryMarshal.Cast<byte, float>(parts.Scales.AsSpan()).Slice(row * blocks, blocks),
                    parts.Zeros.Length == 0 ? default : parts.Zeros.AsSpan(row * ((blocks + 1) / 2)));
                if (bad is { } column)
                {
                    return first + column;
                }
            }

            return null;
        });
        return fault is { } index
            ? throw source.Fault(index)
            : new(form, source.Rows, source.Columns, parts.Codes, parts.Scales, parts.Zeros);
    }

    /// <summary>Quantises a matrix without and with zero points, and takes what is nearer to it.</summary>
    /// <inheritdoc cref="Quantise"/>
    public static Int4Choice QuantiseNearer(
        SourceMatrix source, int block = UsualBlock, ScaleRounding rounding = ScaleRounding.EightBits, int threads = 1)
    {
        var symmetric = Quantise(source, QuantizedFormat.Int4Symmetric, block, rounding, threads);
        var withZeroPoints = Quantise(source, QuantizedFormat.Int4ZeroPoints, block, rounding, threads);
        var symmetricError = QuantizationError.Squared(source, symmetric, threads);
        var zeroPointError = QuantizationError.Squared(source, withZeroPoints, threads);
        return new(zeroPointError < symmetricError ? withZeroPoints : symmetric, symmetricError, zeroPointError);
    }

    // The first value of a row that cannot be quantised, or null.
    static int? Encode(ReadOnlySpan<float> row, QuantizedForm form, Span<byte> codes, Span<float> scales, Span<byte> zeroPoints)
    {
        Span<int> unpacked = stackalloc int[BlockSize.Largest];
        unpacked = unpacked[..form.Block];
        for (var block = 0; block < scales.Length; block++)
        {
            var start = block * form.Block;
            var values = row.Slice(start, Math.Min(form.Block, row.Length - start));
            var (scale, zero) = form.Format == QuantizedFormat.Int4Symmetric
                ? (BlockScale.Round(Symmetric(values), form.Rounding), Middle)
                : WithZeroPoint(values, form.Rounding);
            if (!BlockScale.IsRounded(scale, form.Rounding))
            {
                return start + Nibbles.Worst(values);
            }

            scales[block] = scale;
            if (form.Format == QuantizedFormat.Int4ZeroPoints)
            {
                zeroPoints[block / 2] |= (byte)(zero << (4 * (block % 2)));
            }

            unpacked.Fill(zero);
            if (scale != 0)
            {
                Choose(values, scale, zero, unpacked);
            }

            Nibbles.PackLowFirst(unpacked, codes[(block * (form.Block / 2))..]);
        }

        return null;
    }

    static float Symmetric(ReadOnlySpan<float> values)
    {
        var (low, high) = (TensorPrimitives.Min(values), TensorPrimitives.Max(values));
        // 0 and not −0 for a block of zeros.
        return -(high > -low ? high : low) / 8 + 0f;
    }

    static (float Scale, int Zero) WithZeroPoint(ReadOnlySpan<float> values, ScaleRounding rounding)
    {
        var (low, high) = (MathF.Min(TensorPrimitives.Min(values), 0), MathF.Max(TensorPrimitives.Max(values), 0));
        // In double: the way from −3e38 to 3e38 is no float32.
        var scale = BlockScale.Round((float)(((double)high - low) / 15), rounding);
        return (scale, scale > 0 ? Math.Clamp((int)MathF.Round(-low / scale), 0, 15) : Middle);
    }

    static void Choose(ReadOnlySpan<float> values, float scale, int zero, Span<int> codes)
    {
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var steps = Vector.Round(new Vector<float>(values[i..]) / new Vector<float>(scale)) + new Vector<float>(zero);
            Vector.ConvertToInt32(Vector.Min(Vector.Max(steps, Vector<float>.Zero), new Vector<float>(15))).CopyTo(codes[i..]);
        }

        for (; i < values.Length; i++)
        {
            codes[i] = (int)Math.Clamp(MathF.Round(values[i] / scale) + zero, 0, 15);
        }
    }
}
