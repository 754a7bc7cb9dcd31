using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace OrtDpo.Quantization;

/// <summary>The 4-bit NormalFloat of QLoRA (arXiv:2305.14314, section 3 and appendix E), with the numbers of bitsandbytes.</summary>
public static class Nf4
{
    /// <summary>The block size of QLoRA.</summary>
    public const int UsualBlock = 64;

    // The code of the level 0.
    const int Zero = 7;

    /// <summary>
    /// What codes 0 to 15 stand for, in ascending order: quantiles of the normal distribution, scaled to [−1, 1], among them 0; float32.
    /// </summary>
    public static ReadOnlySpan<float> Levels =>
    [
        -1, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f, -0.18477343022823334f,
        -0.09105003625154495f, 0, 0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
        0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1,
    ];

    // Half way from each level to the next, by the digits that bitsandbytes' kernel for CUDA compares with (csrc/kernels.cu,
    // dQuantizeNF4). The digits matter: seven of the middles lie half way between two float32, and four of these digits do not round to the
    // even one, as sums in float32 do, with which bitsandbytes compares where it has no kernel.
    static ReadOnlySpan<float> Thresholds =>
    [
        -0.8480964004993439f, -0.6106329262256622f, -0.4599952697753906f, -0.33967943489551544f, -0.23460740596055984f,
        -0.13791173323988914f, -0.045525018125772476f, 0.03979014977812767f, 0.1202552504837513f, 0.2035212516784668f,
        0.2920137718319893f, 0.3893125355243683f, 0.5016634166240692f, 0.6427869200706482f, 0.8614784181118011f,
    ];

    /// <summary>Quantises a matrix in blocks of consecutive values of its flattened form; the last block may be shorter.</summary>
    /// <remarks>
    /// A block's scale is its largest magnitude, rounded as <paramref name="rounding"/> says. A value's code is the number of thresholds,
    /// the middles between neighbouring levels, below its part of the scale: the nearest level, and of two that are as near the lower. That
    /// part is value · (1 / scale) in float32, as in bitsandbytes, so that codes with unrounded scales are those of bitsandbytes; where the
    /// reciprocal would be infinite, it is value / scale. A block of zeros has scale 0 and the code of level 0; bitsandbytes' kernel for
    /// CUDA, which divides by that scale, gives it code 0, and both stand for 0.
    /// </remarks>
    /// <param name="source">float32, float16 or bfloat16 [N, K]; 16-bit values are widened a range at a time.</param>
    /// <param name="block">Values with one scale: a power of two from 32 to 4096.</param>
    /// <param name="rounding">What scales are rounded to.</param>
    /// <param name="threads">Threads at most; the result does not depend on them.</param>
    /// <exception cref="InvalidDataException">A value is not finite or needs too large a scale; the message says which.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The matrix has no elements, or the block or the number of threads is none.</exception>
    /// <exception cref="NotSupportedException">The codes take more bytes than one buffer has.</exception>
    public static QuantizedMatrix Quantise(
        SourceMatrix source, int block = UsualBlock, ScaleRounding rounding = ScaleRounding.EightBits, int threads = 1)
    {
        var form = new QuantizedForm(QuantizedFormat.Nf4, block, rounding, QuantizedForm.OwnQuantizer);
        var layout = QuantizedLayout.Of(form.Format, block, source.Rows, source.Columns);
        var (codes, scaleBytes) = (new byte[layout.CodeBytes], new byte[layout.ScaleBytes]);
        var ranges = (int)((source.Count + FixedRanges.Values - 1) / FixedRanges.Values);
        var fault = FixedRanges.Run(ranges, threads, range =>
        {
            // A range has whole blocks and whole bytes: its size and every block's are powers of two.
            var first = (long)range * FixedRanges.Values;
            var count = (int)Math.Min(FixedRanges.Values, source.Count - first);
            var values = source.Read(first, count, source.Buffer(count));
            var scales = MemoryMarshal.Cast<byte, float>(scaleBytes.AsSpan())[(int)(first / block)..];
            return Encode(values, block, rounding, codes.AsSpan((int)(first / 2)), scales) is { } bad ? first + bad : null;
        });
        return fault is { } index ? throw source.Fault(index) : new(form, source.Rows, source.Columns, codes, scaleBytes);
    }

    // The first value that cannot be quantised, or null.
    static int? Encode(ReadOnlySpan<float> values, int block, ScaleRounding rounding, Span<byte> codes, Span<float> scales)
    {
        Span<int> unpacked = stackalloc int[BlockSize.Largest];
        for (var start = 0; start < values.Length; start += block)
        {
            var part = values.Slice(start, Math.Min(block, values.Length - start));
            var scale = BlockScale.Round(MathF.Abs(TensorPrimitives.MaxMagnitude(part)), rounding);
            if (!BlockScale.IsRounded(scale, rounding))
            {
                return start + Nibbles.Worst(part);
            }

            scales[start / block] = scale;
            // A value that is missing in the last byte counts as 0, as in bitsandbytes.
            unpacked[..(part.Length + (part.Length % 2))].Fill(Zero);
            if (scale > 0)
            {
                Choose(part, scale, unpacked);
            }

            Nibbles.PackHighFirst(unpacked[..(part.Length + (part.Length % 2))], codes[(start / 2)..]);
        }

        return null;
    }

    static void Choose(ReadOnlySpan<float> values, float scale, Span<int> codes)
    {
        var reciprocal = 1 / scale;
        var divides = float.IsInfinity(reciprocal);
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = new Vector<float>(values[i..]);
            var part = divides ? value / new Vector<float>(scale) : value * reciprocal;
            var code = Vector<int>.Zero;
            foreach (var threshold in Thresholds)
            {
                // True is −1.
                code -= Vector.GreaterThan(part, new Vector<float>(threshold));
            }

            code.CopyTo(codes[i..]);
        }

        for (; i < values.Length; i++)
        {
            codes[i] = CodeOf(divides ? values[i] / scale : values[i] * reciprocal);
        }
    }

    static int CodeOf(float part)
    {
        var code = 0;
        foreach (var threshold in Thresholds)
        {
            code += part > threshold ? 1 : 0;
        }

        return code;
    }
}
