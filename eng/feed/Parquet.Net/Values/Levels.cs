using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace Parquet.Values;

/// <summary>Definition and repetition levels: which slots hold values, and where rows begin.</summary>
static class Levels
{
    public static int BitWidth(int maxLevel) => 32 - BitOperations.LeadingZeroCount((uint)maxLevel);

    /// <summary>Reads a V1 page's levels, their length before them, and returns what follows.</summary>
    public static ReadOnlyMemory<byte> ReadPrefixed(ReadOnlyMemory<byte> page, int maxLevel, Span<int> levels)
    {
        if (page.Length < sizeof(int))
        {
            throw new InvalidDataException($"A page of {page.Length} bytes is too short for its levels.");
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(page.Span);
        if (length < 0 || length > page.Length - sizeof(int))
        {
            throw new InvalidDataException($"A page says that its levels take {length} bytes, but it has {page.Length - sizeof(int)}.");
        }

        Read(page.Span.Slice(sizeof(int), length), maxLevel, levels);
        return page[(sizeof(int) + length)..];
    }

    public static void Read(ReadOnlySpan<byte> data, int maxLevel, Span<int> levels)
    {
        RleReader.Read(data, BitWidth(maxLevel), levels);
        foreach (var level in levels)
        {
            if (level > maxLevel)
            {
                throw new InvalidDataException($"A page has the level {level}; its column's highest is {maxLevel}.");
            }
        }
    }

    /// <summary>Writes levels as a V1 page has them; nothing where the column has none.</summary>
    public static void WritePrefixed(ReadOnlySpan<int> levels, int maxLevel, IBufferWriter<byte> output)
    {
        if (maxLevel == 0)
        {
            return;
        }

        var runs = new ArrayBufferWriter<byte>();
        RleWriter.Write(levels, BitWidth(maxLevel), runs);
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(sizeof(int)), runs.WrittenCount);
        output.Advance(sizeof(int));
        output.Write(runs.WrittenSpan);
    }
}
