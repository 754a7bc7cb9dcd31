using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OrtDpo.Core.Data;

/// <summary>Decisions that depend on a row's prompt alone, so that all rows of a prompt fare alike whatever the order of the data.</summary>
public static class PromptHash
{
    /// <summary>
    /// A row is held out iff the first 8 bytes (big-endian) of SHA-256(seed ‖ prompt), over 2^64, are below <paramref name="evalFraction"/>. The
    /// seed is 8 bytes, little-endian two's complement; the prompt is its UTF-8 bytes.
    /// </summary>
    public static Split SplitOf(string prompt, long seed, double evalFraction)
    {
        var text = new byte[8 + Encoding.UTF8.GetByteCount(prompt)];
        BinaryPrimitives.WriteInt64LittleEndian(text, seed);
        Encoding.UTF8.GetBytes(prompt, text.AsSpan(8));
        // Scaling by a power of two is exact, so this is the comparison of hash / 2^64 without a rounding.
        return (UInt128)FirstEight(text) < (UInt128)Math.Ceiling(Math.ScaleB(evalFraction, 64)) ? Split.Eval : Split.Train;
    }

    /// <summary>The first 8 bytes (big-endian) of SHA-256 of the prompt's UTF-8 bytes: what shards are cut by, whatever the seed.</summary>
    public static ulong Of(string prompt) => FirstEight(Encoding.UTF8.GetBytes(prompt));

    static ulong FirstEight(ReadOnlySpan<byte> text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, digest);
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }
}
