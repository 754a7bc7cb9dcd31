using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Parquet.Values;

/// <summary>Writes values one after the other.</summary>
static class PlainWriter
{
    public static void Write<T>(ReadOnlySpan<T> values, IBufferWriter<byte> output)
        where T : struct
    {
        if (typeof(T) == typeof(bool))
        {
            WriteBools(MemoryMarshal.AsBytes(values), output);
        }
        else if (typeof(T) == typeof(ReadOnlyMemory<char>) || typeof(T) == typeof(ReadOnlyMemory<byte>))
        {
            foreach (var value in values)
            {
                WriteBytes(value is ReadOnlyMemory<char> text ? Utf8(text.Span) : ((ReadOnlyMemory<byte>)(object)value).Span, output);
            }
        }
        else
        {
            output.Write(MemoryMarshal.AsBytes(values));
        }
    }

    static void WriteBools(ReadOnlySpan<byte> values, IBufferWriter<byte> output)
    {
        for (var i = 0; i < values.Length; i += 8)
        {
            byte packed = 0;
            for (var bit = 0; bit < 8 && i + bit < values.Length; bit++)
            {
                packed |= (byte)(values[i + bit] << bit);
            }

            output.GetSpan(1)[0] = packed;
            output.Advance(1);
        }
    }

    static void WriteBytes(ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(sizeof(int)), value.Length);
        output.Advance(sizeof(int));
        output.Write(value);
    }

    static byte[] Utf8(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }
}
