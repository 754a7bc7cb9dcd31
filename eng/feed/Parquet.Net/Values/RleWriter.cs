using System.Buffers;

namespace Parquet.Values;

/// <summary>Writes levels as runs where eight or more are equal, and as bit-packed groups of eight elsewhere.</summary>
static class RleWriter
{
    const int GroupSize = 8;

    public static void Write(ReadOnlySpan<int> values, int bitWidth, IBufferWriter<byte> output)
    {
        var packedFrom = 0;
        var i = 0;
        while (i < values.Length)
        {
            var run = RunLength(values[i..]);
            // A run may only begin where a group ends.
            if (run < GroupSize)
            {
                i = Math.Min(i + GroupSize, values.Length);
                continue;
            }

            Pack(values[packedFrom..i], bitWidth, output);
            Varint((ulong)run << 1, output);
            Value(values[i], bitWidth, output);
            i += run;
            packedFrom = i;
        }

        Pack(values[packedFrom..], bitWidth, output);
    }

    static int RunLength(ReadOnlySpan<int> values)
    {
        var differs = values.IndexOfAnyExcept(values[0]);
        return differs < 0 ? values.Length : differs;
    }

    static void Pack(ReadOnlySpan<int> values, int bitWidth, IBufferWriter<byte> output)
    {
        if (values.IsEmpty)
        {
            return;
        }

        var groups = (values.Length + GroupSize - 1) / GroupSize;
        Varint(((ulong)groups << 1) | 1, output);
        var bytes = output.GetSpan(groups * bitWidth)[..(groups * bitWidth)];
        bytes.Clear();
        for (var i = 0; i < values.Length; i++)
        {
            for (var bit = 0; bit < bitWidth; bit++)
            {
                var at = (i * bitWidth) + bit;
                bytes[at >> 3] |= (byte)(((values[i] >> bit) & 1) << (at & 7));
            }
        }

        output.Advance(bytes.Length);
    }

    static void Value(int value, int bitWidth, IBufferWriter<byte> output)
    {
        for (var bit = 0; bit < bitWidth; bit += 8)
        {
            output.GetSpan(1)[0] = (byte)(value >> bit);
            output.Advance(1);
        }
    }

    static void Varint(ulong value, IBufferWriter<byte> output)
    {
        for (; value >= 128; value >>= 7)
        {
            output.GetSpan(1)[0] = (byte)(value | 128);
            output.Advance(1);
        }

        output.GetSpan(1)[0] = (byte)value;
        output.Advance(1);
    }
}
