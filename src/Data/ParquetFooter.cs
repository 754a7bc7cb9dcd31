using System.Buffers.Binary;

namespace OrtDpo.Data;

/// <summary>
/// Looks through a Parquet file's footer, a struct in Thrift's compact protocol, before Parquet.Net reads it: the package believes every
/// count and goes on beyond the end, so that a damaged one takes all memory and minutes.
/// </summary>
ref struct ParquetFooter
{
    // The structs of Parquet nest six deep.
    const int Deepest = 32;

    const int TailBytes = 8;

    readonly ReadOnlySpan<byte> bytes;
    int at;

    ParquetFooter(ReadOnlySpan<byte> bytes) => this.bytes = bytes;

    /// <summary>Checks the footer of <paramref name="file"/>, and goes back to its beginning.</summary>
    /// <exception cref="InvalidDataException">Something in it is longer than the footer.</exception>
    internal static void Require(Stream file)
    {
        var tail = new byte[TailBytes];
        if (file.Length < TailBytes)
        {
            throw new InvalidDataException($"it has {file.Length} bytes");
        }

        file.Seek(-TailBytes, SeekOrigin.End);
        file.ReadExactly(tail);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (length > file.Length - TailBytes)
        {
            throw new InvalidDataException($"its footer claims {length} bytes of {file.Length}");
        }

        var footer = new byte[length];
        file.Seek(-TailBytes - length, SeekOrigin.End);
        file.ReadExactly(footer);
        file.Position = 0;
        new ParquetFooter(footer).PassStruct(0);
    }

    void PassStruct(int depth)
    {
        if (depth > Deepest)
        {
            throw new InvalidDataException($"its footer nests deeper than {Deepest}");
        }

        for (var header = Byte(); header != 0; header = Byte())
        {
            // Four bits of the field's distance to the one before it; 0: its number follows.
            if (header >> 4 == 0)
            {
                Number();
            }

            // A truth value is in its type.
            if ((header & 0xF) is not (1 or 2))
            {
                Pass(header & 0xF, depth);
            }
        }
    }

    void Pass(int type, int depth)
    {
        switch (type)
        {
            case 1 or 2 or 3:
                Skip(1);
                break;
            case 4 or 5 or 6:
                Number();
                break;
            case 7:
                Skip(sizeof(double));
                break;
            case 8:
                Skip(Number());
                break;
            case 9 or 10:
                PassList(depth);
                break;
            case 12:
                PassStruct(depth + 1);
                break;
            default:
                throw new InvalidDataException($"its footer has a value of the type {type}");
        }
    }

    void PassList(int depth)
    {
        var header = Byte();
        var count = header >> 4 == 0xF ? Number() : (ulong)(header >> 4);
        // Each item takes a byte at least.
        Require(count);
        for (; count > 0; count--)
        {
            Pass(header & 0xF, depth + 1);
        }
    }

    ulong Number()
    {
        var number = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }

        throw new InvalidDataException("its footer has a number of more than 64 bits");
    }

    byte Byte()
    {
        Require(1);
        return bytes[at++];
    }

    void Skip(ulong count)
    {
        Require(count);
        at += (int)count;
    }

    readonly void Require(ulong count)
    {
        if (count > (ulong)(bytes.Length - at))
        {
            throw new InvalidDataException("its footer ends too early");
        }
    }
}
