using System.Numerics;
using System.Runtime.InteropServices;

namespace OrtDpo.Train.Engine;

/// <summary>
/// AdamW's moments in 8 bits, after the block-wise quantization of arXiv:2110.02861: 256 elements share a float32 scale. The first moment
/// is a multiple of the block's largest / 127, to the nearest; of the second the square root, which is what AdamW divides by, is a
/// multiple of the block's largest / 255, at least 1 where it is not zero, and rounded without a bias over steps (<see
/// cref="Thresholds"/>). What else was measured is in docs/decisions/0025.
/// </summary>
static class MomentCodes
{
    /// <summary>Consecutive elements that share a scale.</summary>
    public const int Block = 256;

    // Below the largest float32, so that the largest code has a finite value, and an infinite moment too.
    const float LargestValue = 3.4e38f;

    const int MostOfFirst = 127;
    const int MostOfSecond = 255;

    /// <summary>The blocks of a tensor; the last may be short.</summary>
    public static long Blocks(long elements) => (elements + Block - 1) / Block;

    /// <summary>
    /// For each element of a block, what is added to a root before it is rounded down: of [0, 1), moving with the steps so that each
    /// stretch of them has its numbers evenly. To the nearest, a root would never fall: it does by at most 255 / 2000 of a code a step.
    /// </summary>
    /// <param name="step">The number of the optimizer's step.</param>
    public static float[] Thresholds(long step)
    {
        // The additive recurrence R2 in two dimensions, in 65,536ths: a sum with a code is exact.
        const int StepStride = 49_471;
        const int ElementStride = 37_345;
        return [.. Enumerable.Range(0, Block).Select(i => (ushort)((step * StepStride) + ((long)i * ElementStride)) / 65_536f)];
    }

    /// <summary>The elements of a block of the first moment.</summary>
    public static void DecodeFirst(ReadOnlySpan<sbyte> codes, float scale, Span<float> values)
    {
        var vectors = MemoryMarshal.Cast<sbyte, Vector<sbyte>>(codes);
        for (var i = 0; i < vectors.Length; i++)
        {
            Vector.Widen(vectors[i], out var low, out var high);
            Vector.Widen(low, out var first, out var second);
            Vector.Widen(high, out var third, out var fourth);
            var target = MemoryMarshal.Cast<float, Vector<float>>(values.Slice(i * Vector<sbyte>.Count, Vector<sbyte>.Count));
            target[3] = Vector.ConvertToSingle(fourth) * scale;
            target[2] = Vector.ConvertToSingle(third) * scale;
            target[1] = Vector.ConvertToSingle(second) * scale;
            target[0] = Vector.ConvertToSingle(first) * scale;
        }

        for (var i = vectors.Length * Vector<sbyte>.Count; i < codes.Length; i++)
        {
            values[i] = codes[i] * scale;
        }
    }

    /// <summary>The elements of a block of the second moment.</summary>
    public static void DecodeSecond(ReadOnlySpan<byte> codes, float scale, Span<float> values)
    {
        var vectors = MemoryMarshal.Cast<byte, Vector<byte>>(codes);
        for (var i = 0; i < vectors.Length; i++)
        {
            Vector.Widen(vectors[i], out var low, out var high);
            Vector.Widen(low, out var first, out var second);
            Vector.Widen(high, out var third, out var fourth);
            var target = MemoryMarshal.Cast<float, Vector<float>>(values.Slice(i * Vector<byte>.Count, Vector<byte>.Count));
            target[3] = Square(fourth, scale);
            target[2] = Square(third, scale);
            target[1] = Square(second, scale);
            target[0] = Square(first, scale);
        }

        for (var i = vectors.Length * Vector<byte>.Count; i < codes.Length; i++)
        {
            var root = codes[i] * scale;
            values[i] = root * root;
        }

        static Vector<float> Square(Vector<uint> codes, float scale)
        {
            var root = Vector.ConvertToSingle(Vector.AsVectorInt32(codes)) * scale;
            return root * root;
        }
    }

    /// <summary>Writes a block of the first moment.</summary>
    /// <param name="values">Finite numbers.</param>
    /// <param name="codes">As many as there are values.</param>
    /// <returns>The scale.</returns>
    public static float EncodeFirst(ReadOnlySpan<float> values, Span<sbyte> codes)
    {
        var (scale, inverse) = Scale(MathF.Min(Largest(values), LargestValue), MostOfFirst);
        var vectors = MemoryMarshal.Cast<sbyte, Vector<sbyte>>(codes);
        for (var i = 0; i < vectors.Length; i++)
        {
            var source = MemoryMarshal.Cast<float, Vector<float>>(values.Slice(i * Vector<sbyte>.Count, Vector<sbyte>.Count));
            vectors[i] = Vector.Narrow(
                Vector.Narrow(Rounded(source[0], inverse), Rounded(source[1], inverse)),
                Vector.Narrow(Rounded(source[2], inverse), Rounded(source[3], inverse)));
        }

        for (var i = vectors.Length * Vector<sbyte>.Count; i < values.Length; i++)
        {
            codes[i] = (sbyte)MathF.Round(values[i] * inverse);
        }

        return scale;

        static Vector<int> Rounded(Vector<float> values, float inverse) => Vector.ConvertToInt32Native(Vector.Round(values * inverse));
    }

    /// <summary>Writes a block of the second moment.</summary>
    /// <param name="values">Numbers of at least 0; an infinite one counts as the largest.</param>
    /// <param name="thresholds">Of the step.</param>
    /// <param name="codes">As many as there are values.</param>
    /// <returns>The scale, of the square roots.</returns>
    public static float EncodeSecond(ReadOnlySpan<float> values, ReadOnlySpan<float> thresholds, Span<byte> codes)
    {
        var (scale, inverse) = Scale(MathF.Sqrt(MathF.Min(Largest(values), LargestValue)), MostOfSecond);
        var vectors = MemoryMarshal.Cast<byte, Vector<byte>>(codes);
        for (var i = 0; i < vectors.Length; i++)
        {
            var source = MemoryMarshal.Cast<float, Vector<float>>(values.Slice(i * Vector<byte>.Count, Vector<byte>.Count));
            var added = MemoryMarshal.Cast<float, Vector<float>>(thresholds.Slice(i * Vector<byte>.Count, Vector<byte>.Count));
            vectors[i] = Vector.Narrow(
                Vector.Narrow(Rounded(source[0], added[0], inverse), Rounded(source[1], added[1], inverse)),
                Vector.Narrow(Rounded(source[2], added[2], inverse), Rounded(source[3], added[3], inverse)));
        }

        for (var i = vectors.Length * Vector<byte>.Count; i < values.Length; i++)
        {
            var code = MathF.Min(MathF.Floor((MathF.Sqrt(values[i]) * inverse) + thresholds[i]), MostOfSecond);
            codes[i] = (byte)(values[i] > 0 ? MathF.Max(code, 1) : code);
        }

        return scale;

        // Zero has the code 0, whatever is added.
        static Vector<uint> Rounded(Vector<float> values, Vector<float> thresholds, float inverse)
        {
            var codes = Vector.ConvertToInt32Native(Vector.MinNative(
                (Vector.SquareRoot(values) * inverse) + thresholds, new Vector<float>(MostOfSecond)));
            var least = Vector.GreaterThan(values, Vector<float>.Zero) & Vector<int>.One;
            return Vector.AsVectorUInt32(Vector.Max(codes, least));
        }
    }

    // A block whose scale would be denormal is stored as zeros: AdamW's epsilon makes nothing of it, and the inverse would not be finite.
    static (float Scale, float Inverse) Scale(float largest, int most)
    {
        const float LeastNormal = 1.17549435e-38f;
        var scale = largest / most;
        return scale >= LeastNormal ? (scale, most / largest) : (0, 0);
    }

    static float Largest(ReadOnlySpan<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var largest = Vector<float>.Zero;
        foreach (var vector in vectors)
        {
            largest = Vector.MaxNative(largest, Vector.Abs(vector));
        }

        var result = 0f;
        for (var i = 0; i < Vector<float>.Count; i++)
        {
            result = MathF.Max(result, largest[i]);
        }

        foreach (var value in values[(vectors.Length * Vector<float>.Count)..])
        {
            result = MathF.Max(result, MathF.Abs(value));
        }

        return result;
    }
}
