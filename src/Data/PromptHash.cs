using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OrtDpo.Data;

/// <summary>
/// Decisions that depend on a row's prompt alone, so that all rows of a prompt fare alike whatever the order of the data.
/// </summary>
public static class PromptHash
{
    /// <summary>
    /// A row is held out iff the first 8 bytes (big-endian) of SHA-256(seed ‖ prompt), over 2^64, are below
    /// <paramref name="evalFraction"/>. The seed is 8 bytes, little-endian two's complement; the prompt is its UTF-8 bytes.
    /// </summary>
    public static Split SplitOf(string prompt, long seed, double evalFraction) =>
        IsBelow(Text([], seed, prompt), evalFraction) ? Split.Eval : Split.Train;

    /// <summary>
    /// How many copies of a training row a source of some weight gives: the weight's whole part, and one more iff the first 8 bytes
    /// (big-endian) of SHA-256(<c>ortdpo-sample-1</c> and a zero byte ‖ seed ‖ prompt), over 2^64, are below its fraction. Another hash
    /// than that of <see cref="SplitOf"/>, which the training rows have passed already.
    /// </summary>
    public static int Copies(string prompt, long seed, double weight)
    {
        var whole = Math.Floor(weight);
        return (int)whole + (IsBelow(Text("ortdpo-sample-1\0"u8, seed, prompt), weight - whole) ? 1 : 0);
    }

    /// <summary>
    /// The place of a row among the training rows of which the first are taken: the first 8 bytes (big-endian) of
    /// SHA-256(<c>ortdpo-order-1</c> and a zero byte ‖ seed ‖ prompt), the lowest first.
    /// </summary>
    public static ulong Order(string prompt, long seed) => FirstEight(Text("ortdpo-order-1\0"u8, seed, prompt));

    /// <summary>The first 8 bytes (big-endian) of SHA-256 of the prompt's UTF-8 bytes: what shards are cut by, whatever the seed.</summary>
    public static ulong Of(string prompt) => FirstEight(Encoding.UTF8.GetBytes(prompt));

    // Scaling by a power of two is exact, so this is the comparison of hash / 2^64 without a rounding.
    static bool IsBelow(ReadOnlySpan<byte> text, double share) => (UInt128)FirstEight(text) < (UInt128)Math.Ceiling(Math.ScaleB(share, 64));

    static byte[] Text(ReadOnlySpan<byte> domain, long seed, string prompt)
    {
        var start = domain.Length + sizeof(long);
        var text = new byte[start + Encoding.UTF8.GetByteCount(prompt)];
        domain.CopyTo(text);
        BinaryPrimitives.WriteInt64LittleEndian(text.AsSpan(domain.Length), seed);
        Encoding.UTF8.GetBytes(prompt, text.AsSpan(start));
        return text;
    }

    static ulong FirstEight(ReadOnlySpan<byte> text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, digest);
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }
}
