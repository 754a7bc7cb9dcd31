using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OrtDpo.Quantization;

/// <summary>The numbers of all pairs of codes, so that one look-up decodes a byte.</summary>
/// <remarks>
/// A byte's pair is the 64 bits of two float32. Two look-ups fill a vector of four; wider vectors would wait for as many look-ups.
/// </remarks>
sealed class NibbleTable
{
    readonly ulong[] pairs = new ulong[256];

    NibbleTable(ReadOnlySpan<float> numbers, bool highFirst)
    {
        var pair = MemoryMarshal.Cast<ulong, float>(pairs.AsSpan());
        for (var code = 0; code < 256; code++)
        {
            var (low, high) = (numbers[code & 15], numbers[code >> 4]);
            (pair[2 * code], pair[(2 * code) + 1]) = highFirst ? (high, low) : (low, high);
        }
    }

    /// <summary>Levels of nf4, the first in the high nibble.</summary>
    public static NibbleTable Nf4 { get; } = new(Quantization.Nf4.Levels, highFirst: true);

    /// <summary>The integers from 0 to 15, the first in the low nibble.</summary>
    public static NibbleTable Int4 { get; } = new([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], highFirst: false);

    /// <summary>(number − zero) · scale for each code; one rounding, since the difference is exact.</summary>
    /// <param name="codes">Two codes to a byte.</param>
    /// <param name="start">The first code.</param>
    /// <param name="zero">An integer from 0 to 15, or 0 for levels.</param>
    /// <param name="scale">The block's scale.</param>
    /// <param name="destination">As many numbers as are wanted.</param>
    public unsafe void Decode(ReadOnlySpan<byte> codes, int start, float zero, float scale, Span<float> destination)
    {
        if (destination.Length > 0 && start % 2 == 1)
        {
            destination[0] = (One(codes, start) - zero) * scale;
            destination = destination[1..];
            start++;
        }

        var count = destination.Length;
        codes = codes.Slice(start / 2, (count + 1) / 2);
        var (zeros, scales) = (Vector128.Create(zero), Vector128.Create(scale));
        fixed (byte* code = codes)
        fixed (ulong* pair = pairs)
        fixed (float* number = destination)
        {
            var i = 0;
            for (; i <= count - 4; i += 4)
            {
                var four = Vector128.Create(pair[code[i / 2]], pair[code[(i / 2) + 1]]).AsSingle();
                Vector128.Store((four - zeros) * scales, number + i);
            }

            for (; i < count; i++)
            {
                number[i] = (One(codes, i) - zero) * scale;
            }
        }
    }

    float One(ReadOnlySpan<byte> codes, int at) => MemoryMarshal.Cast<ulong, float>(pairs.AsSpan())[(2 * codes[at / 2]) + (at % 2)];
}
