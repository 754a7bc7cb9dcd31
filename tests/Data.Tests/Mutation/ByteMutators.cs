using System.Buffers.Binary;
using OrtDpo.Batches;

namespace OrtDpo.Data.Tests.Mutation;

/// <summary>Damage to any file, whatever it holds.</summary>
static class ByteMutators
{
    static readonly ulong[] Extremes =
        [0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, int.MaxValue, uint.MaxValue, 0x8000_0000, long.MaxValue, ulong.MaxValue, 1UL << 63, 1UL << 40];

    public static byte[] FlipBit(byte[] whole, ref SplitMix64 random)
    {
        byte[] changed = [.. whole];
        changed[Place.Any(whole.Length, ref random)] ^= (byte)(1 << random.Next(8));
        return changed;
    }

    public static byte[] ReplaceByte(byte[] whole, ref SplitMix64 random)
    {
        byte[] changed = [.. whole];
        changed[Place.Any(whole.Length, ref random)] = (byte)random.Next(256);
        return changed;
    }

    /// <summary>Lengths, counts and offsets of binary files: little-endian, four or eight bytes.</summary>
    public static byte[] ChangeBinaryNumber(byte[] whole, ref SplitMix64 random)
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(number, Extremes[random.Next(Extremes.Length)]);
        var at = Place.Any(whole.Length, ref random);
        var length = Math.Min(random.Next(2) == 0 ? sizeof(uint) : sizeof(ulong), whole.Length - at);
        return Place.Replace(whole, at, length, number[..length]);
    }

    public static byte[] Cut(byte[] whole, ref SplitMix64 random) => whole[..Place.Any(whole.Length, ref random)];

    public static byte[] TakeOut(byte[] whole, ref SplitMix64 random)
    {
        var (at, length) = Slice(whole, ref random);
        return Place.Replace(whole, at, length, []);
    }

    public static byte[] Repeat(byte[] whole, ref SplitMix64 random)
    {
        var (at, length) = Slice(whole, ref random);
        return Place.Replace(whole, at, 0, whole.AsSpan(at, length));
    }

    static (int At, int Length) Slice(byte[] whole, ref SplitMix64 random)
    {
        var at = Place.Any(whole.Length, ref random);
        return (at, random.Next(1 + Math.Min(64, whole.Length - at)));
    }
}
