using System.Buffers.Binary;

namespace Parquet.Compression;

/// <summary>Decompresses a block of snappy's raw format: a length, then literals and copies of what came before.</summary>
ref struct SnappyDecompressor
{
    ReadOnlySpan<byte> input;
    readonly Span<byte> output;
    int written;

    SnappyDecompressor(ReadOnlySpan<byte> input, Span<byte> output)
    {
        this.input = input;
        this.output = output;
    }

    /// <exception cref="InvalidDataException">The block is damaged, or does not fill <paramref name="output"/> exactly.</exception>
    public static void Decompress(ReadOnlySpan<byte> input, Span<byte> output) => new SnappyDecompressor(input, output).Run();

    void Run()
    {
        var length = Length();
        if (length != (ulong)output.Length)
        {
            throw new InvalidDataException($"A snappy block says it has {length} bytes where its page announces {output.Length}.");
        }

        while (!input.IsEmpty)
        {
            var tag = input[0];
            switch (tag & 3)
            {
                case 0:
                    Literal(tag >> 2);
                    break;
                case 1:
                    Copy(((tag >> 2) & 7) + 4, ((tag & 0xE0) << 3) | Number(from: 1, bytes: 1), tagBytes: 2);
                    break;
                case 2:
                    Copy((tag >> 2) + 1, Number(from: 1, bytes: 2), tagBytes: 3);
                    break;
                default:
                    Copy((tag >> 2) + 1, Number(from: 1, bytes: 4), tagBytes: 5);
                    break;
            }
        }

        if (written != output.Length)
        {
            throw Damaged();
        }
    }

    void Literal(int code)
    {
        // Codes 60 to 63: the length less one stands in the next one to four bytes.
        var extra = Math.Max(0, code - 59);
        var length = (extra == 0 ? code : (long)(uint)Number(from: 1, extra)) + 1;
        var start = 1 + extra;
        if (length > input.Length - start || length > output.Length - written)
        {
            throw Damaged();
        }

        input.Slice(start, (int)length).CopyTo(output[written..]);
        written += (int)length;
        input = input[(start + (int)length)..];
    }

    void Copy(int length, int distance, int tagBytes)
    {
        if (distance <= 0 || distance > written || length > output.Length - written)
        {
            throw Damaged();
        }

        // Byte by byte: a copy may reach into what it writes.
        for (var i = 0; i < length; i++, written++)
        {
            output[written] = output[written - distance];
        }

        input = input[tagBytes..];
    }

    readonly int Number(int from, int bytes)
    {
        if (from + bytes > input.Length)
        {
            throw Damaged();
        }

        Span<byte> number = stackalloc byte[sizeof(int)];
        number.Clear();
        input.Slice(from, bytes).CopyTo(number);
        return BinaryPrimitives.ReadInt32LittleEndian(number);
    }

    ulong Length()
    {
        var length = 0UL;
        for (var i = 0; i < 5 && i < input.Length; i++)
        {
            length |= (ulong)(input[i] & 127) << (7 * i);
            if (input[i] < 128)
            {
                input = input[(i + 1)..];
                return length;
            }
        }

        throw Damaged();
    }

    static InvalidDataException Damaged() => new("A page's snappy block is damaged.");
}
