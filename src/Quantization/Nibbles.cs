namespace OrtDpo.Quantization;

/// <summary>What quantisers of both kinds do with a block.</summary>
static class Nibbles
{
    /// <summary>Two codes of 0 to 15 to a byte, the first in the high nibble.</summary>
    public static void PackHighFirst(ReadOnlySpan<int> codes, Span<byte> packed)
    {
        for (var i = 0; i < codes.Length / 2; i++)
        {
            packed[i] = (byte)((codes[2 * i] << 4) | codes[(2 * i) + 1]);
        }
    }

    /// <summary>Two codes of 0 to 15 to a byte, the first in the low nibble.</summary>
    public static void PackLowFirst(ReadOnlySpan<int> codes, Span<byte> packed)
    {
        for (var i = 0; i < codes.Length / 2; i++)
        {
            packed[i] = (byte)(codes[2 * i] | (codes[(2 * i) + 1] << 4));
        }
    }

    /// <summary>The first value that is not finite; where all are, the first of the largest magnitude.</summary>
    public static int Worst(ReadOnlySpan<float> values)
    {
        var worst = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                return i;
            }

            worst = MathF.Abs(values[i]) > MathF.Abs(values[worst]) ? i : worst;
        }

        return worst;
    }
}
