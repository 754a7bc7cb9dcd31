using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Parquet.Values;

/// <summary>Reads values that stand one after the other.</summary>
static class PlainReader
{
    /// <exception cref="InvalidDataException">The bytes end before the values do.</exception>
    public static void Read<T>(ReadOnlyMemory<byte> data, Span<T> destination)
        where T : struct
    {
        if (typeof(T) == typeof(bool))
        {
            ReadBools(data.Span, destination);
        }
        else if (typeof(T) == typeof(ReadOnlyMemory<char>) || typeof(T) == typeof(ReadOnlyMemory<byte>))
        {
            ReadByteArrays(data, destination);
        }
        else if (Unsafe.SizeOf<T>() < sizeof(int))
        {
            ReadNarrow(data.Span, destination);
        }
        else
        {
            // The format is little-endian, and so is every machine that .NET 10 supports here.
            var bytes = MemoryMarshal.AsBytes(destination);
            CheckLength(data.Length, bytes.Length, destination.Length);
            data.Span[..bytes.Length].CopyTo(bytes);
        }
    }

    /// <summary>The fewest bytes that so many values take, to refuse counts that cannot be.</summary>
    public static long LeastBytes<T>(int count)
        where T : struct
    {
        if (typeof(T) == typeof(bool))
        {
            return ((long)count + 7) / 8;
        }

        var each = typeof(T) == typeof(ReadOnlyMemory<char>) || typeof(T) == typeof(ReadOnlyMemory<byte>) ? 0 : Unsafe.SizeOf<T>();
        return count * (long)Math.Max(each, sizeof(int));
    }

    static void ReadBools<T>(ReadOnlySpan<byte> data, Span<T> destination)
        where T : struct
    {
        CheckLength(data.Length, (destination.Length + 7) / 8, destination.Length);
        for (var i = 0; i < destination.Length; i++)
        {
            var bit = ((data[i >> 3] >> (i & 7)) & 1) == 1;
            destination[i] = Unsafe.As<bool, T>(ref bit);
        }
    }

    // Integers of 8 and 16 bits take 32 in a file.
    static void ReadNarrow<T>(ReadOnlySpan<byte> data, Span<T> destination)
        where T : struct
    {
        CheckLength(data.Length, destination.Length * sizeof(int), destination.Length);
        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = MemoryMarshal.Read<T>(data[(i * sizeof(int))..]);
        }
    }

    static void ReadByteArrays<T>(ReadOnlyMemory<byte> data, Span<T> destination)
        where T : struct
    {
        for (var i = 0; i < destination.Length; i++)
        {
            CheckLength(data.Length, sizeof(int), destination.Length);
            var length = BinaryPrimitives.ReadInt32LittleEndian(data.Span);
            if (length < 0 || length > data.Length - sizeof(int))
            {
                throw new InvalidDataException(
                    $"Value {i} of a page says it has {length} bytes, but {data.Length - sizeof(int)} are left.");
            }

            var value = data.Slice(sizeof(int), length);
            if (typeof(T) == typeof(ReadOnlyMemory<char>))
            {
                var text = Encoding.UTF8.GetString(value.Span).AsMemory();
                destination[i] = Unsafe.As<ReadOnlyMemory<char>, T>(ref text);
            }
            else
            {
                destination[i] = Unsafe.As<ReadOnlyMemory<byte>, T>(ref value);
            }

            data = data[(sizeof(int) + length)..];
        }
    }

    static void CheckLength(int found, int needed, int values)
    {
        if (found < needed)
        {
            throw new InvalidDataException($"A page has {found} bytes left where {needed} are needed for {values} values.");
        }
    }
}
