using System.Runtime.CompilerServices;

namespace Parquet.Values;

/// <summary>Reads values that are stored as indices.</summary>
static class DictionaryReader
{
    /// <exception cref="InvalidDataException">There is no dictionary, or an index is beyond its end.</exception>
    public static void Read<T>(ReadOnlyMemory<byte> data, T[]? dictionary, Span<T> destination)
        where T : struct
    {
        if (destination.IsEmpty)
        {
            return;
        }

        if (dictionary is null || data.IsEmpty || data.Span[0] > 32)
        {
            throw new InvalidDataException("A page refers to a dictionary that is missing, or by indices of no known width.");
        }

        var indices = new int[destination.Length];
        RleReader.Read(data.Span[1..], bitWidth: data.Span[0], indices);
        for (var i = 0; i < indices.Length; i++)
        {
            if ((uint)indices[i] >= (uint)dictionary.Length)
            {
                throw new InvalidDataException($"A page refers to entry {(uint)indices[i]} of a dictionary that has {dictionary.Length}.");
            }

            destination[i] = dictionary[indices[i]];
        }
    }

    /// <summary>Reads booleans that are stored as runs, after their length.</summary>
    public static void ReadBools<T>(ReadOnlyMemory<byte> data, Span<T> destination)
        where T : struct
    {
        var bits = new int[destination.Length];
        Levels.ReadPrefixed(data, maxLevel: 1, bits);
        for (var i = 0; i < bits.Length; i++)
        {
            var bit = bits[i] == 1;
            destination[i] = Unsafe.As<bool, T>(ref bit);
        }
    }
}
