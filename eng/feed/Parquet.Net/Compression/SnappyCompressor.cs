using System.Buffers;
using System.Buffers.Binary;

namespace Parquet.Compression;

/// <summary>Compresses a block in snappy's raw format: greedy matches of four bytes and more within the last 64 KiB.</summary>
static class SnappyCompressor
{
    const int HashBits = 14;
    const int MinMatch = 4;
    const int MaxDistance = ushort.MaxValue;
    const int MaxCopy = 64;

    public static void Compress(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        Length((uint)input.Length, output);
        // Positions plus one, by the hash of the four bytes there; 0 = none.
        var seen = new int[1 << HashBits];
        var literalFrom = 0;
        var i = 0;
        while (i <= input.Length - MinMatch)
        {
            var four = BinaryPrimitives.ReadUInt32LittleEndian(input[i..]);
            ref var slot = ref seen[(four * 0x1E35A7BDu) >> (32 - HashBits)];
            var candidate = slot - 1;
            slot = i + 1;
            if (candidate < 0 || i - candidate > MaxDistance || BinaryPrimitives.ReadUInt32LittleEndian(input[candidate..]) != four)
            {
                i++;
                continue;
            }

            Literal(input[literalFrom..i], output);
            var length = MinMatch + input[(i + MinMatch)..].CommonPrefixLength(input[(candidate + MinMatch)..]);
            Copy(length, i - candidate, output);
            i += length;
            literalFrom = i;
        }

        Literal(input[literalFrom..], output);
    }

    static void Literal(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        var code = bytes.Length - 1;
        if (code < 60)
        {
            Byte((byte)(code << 2), output);
        }
        else
        {
            // 63: the length less one in four bytes. Literals this long gain nothing from fewer.
            Byte(63 << 2, output);
            BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(sizeof(int)), code);
            output.Advance(sizeof(int));
        }

        output.Write(bytes);
    }

    static void Copy(int length, int distance, IBufferWriter<byte> output)
    {
        for (; length > 0; length -= Math.Min(length, MaxCopy))
        {
            Byte((byte)(((Math.Min(length, MaxCopy) - 1) << 2) | 2), output);
            BinaryPrimitives.WriteUInt16LittleEndian(output.GetSpan(sizeof(ushort)), (ushort)distance);
            output.Advance(sizeof(ushort));
        }
    }

    static void Length(uint length, IBufferWriter<byte> output)
    {
        for (; length >= 128; length >>= 7)
        {
            Byte((byte)(length | 128), output);
        }

        Byte((byte)length, output);
    }

    static void Byte(byte value, IBufferWriter<byte> output)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }
}
