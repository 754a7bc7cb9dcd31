using System.Numerics;

namespace OrtDpo.Quantization;

/// <summary>How many values may share a scale.</summary>
public static class BlockSize
{
    /// <summary>The largest block.</summary>
    public const int Largest = 4096;

    /// <summary>The sizes in words, for messages.</summary>
    public const string Expected = "a power of two from 32 to 4096";

    /// <summary>Whether <paramref name="block"/> is such a size.</summary>
    public static bool IsValid(int block) => block is >= 32 and <= Largest && BitOperations.IsPow2(block);

    /// <exception cref="ArgumentOutOfRangeException">No such block.</exception>
    internal static void Require(int block)
    {
        if (!IsValid(block))
        {
            throw new ArgumentOutOfRangeException(nameof(block), block, $"Values of one scale: expected {Expected}.");
        }
    }
}
