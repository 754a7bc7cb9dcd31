using System.Numerics;

namespace OrtDpo.Quantization;

/// <summary>How many values may share a scale.</summary>
static class BlockSize
{
    public const int Largest = 4096;
    public const string Expected = "a power of two from 32 to 4096";

    public static bool IsValid(int block) => block is >= 32 and <= Largest && BitOperations.IsPow2(block);

    /// <exception cref="ArgumentOutOfRangeException">No such block.</exception>
    public static void Require(int block)
    {
        if (!IsValid(block))
        {
            throw new ArgumentOutOfRangeException(nameof(block), block, $"Values of one scale: expected {Expected}.");
        }
    }
}
