using System.Text;
using Parquet.Meta.Proto;

namespace Parquet.Thrift;

/// <summary>Reads values of Thrift's compact protocol. Every length is checked against what is left.</summary>
ref struct CompactReader(ReadOnlySpan<byte> data)
{
    const int MaxDepth = 32;

    readonly ReadOnlySpan<byte> data = data;

    public int Position { get; private set; }

    /// <summary>Reads a field's header; false at the end of the struct. A boolean's value is its type.</summary>
    public bool NextField(ref short id, out CompactType type)
    {
        var header = Byte();
        type = (CompactType)(header & 15);
        if (type == CompactType.Stop)
        {
            return false;
        }

        var delta = header >> 4;
        id = delta == 0 ? (short)ZigZag(Varint()) : (short)(id + delta);
        return true;
    }

    public int I32(CompactType type) => Checked32(Integer(type));

    public long I64(CompactType type) => Integer(type);

    public static bool Bool(CompactType type) => type switch
    {
        CompactType.True => true,
        CompactType.False => false,
        _ => throw new ThriftProtocolException($"Found a {type} where a boolean belongs."),
    };

    public ReadOnlySpan<byte> Binary(CompactType type)
    {
        Expect(type, CompactType.Binary);
        var length = Length(bytesEach: 1);
        var value = data.Slice(Position, length);
        Position += length;
        return value;
    }

    public string Text(CompactType type) => Encoding.UTF8.GetString(Binary(type));

    /// <summary>Reads a list's header and returns the number of its elements, each of which takes a byte at least.</summary>
    public int List(CompactType type, out CompactType element)
    {
        Expect(type, CompactType.List);
        var header = Byte();
        element = (CompactType)(header & 15);
        var count = header >> 4 == 15 ? Length(bytesEach: 1) : header >> 4;
        return count <= data.Length - Position ? count : throw PastEnd(count);
    }

    public static void Expect(CompactType found, CompactType expected)
    {
        if (found != expected)
        {
            throw new ThriftProtocolException($"Found a {found} where a {expected} belongs.");
        }
    }

    /// <summary>Passes over a field's value.</summary>
    public void Skip(CompactType type, int depth = 0)
    {
        if (depth > MaxDepth)
        {
            throw new ThriftProtocolException($"Structs are nested more than {MaxDepth} deep.");
        }

        switch (type)
        {
            case CompactType.True or CompactType.False:
                break;
            case CompactType.Byte:
                Byte();
                break;
            case CompactType.I16 or CompactType.I32 or CompactType.I64:
                Varint();
                break;
            case CompactType.Double:
                Advance(sizeof(double));
                break;
            case CompactType.Uuid:
                Advance(16);
                break;
            case CompactType.Binary:
                Binary(type);
                break;
            case CompactType.List or CompactType.Set:
                SkipList(depth);
                break;
            case CompactType.Map:
                SkipMap(depth);
                break;
            case CompactType.Struct:
                short id = 0;
                while (NextField(ref id, out var field))
                {
                    Skip(field, depth + 1);
                }

                break;
            default:
                throw new ThriftProtocolException($"Found a value of the unknown type {(int)type}.");
        }
    }

    void SkipList(int depth)
    {
        var count = List(CompactType.List, out var element);
        for (var i = 0; i < count; i++)
        {
            SkipElement(element, depth);
        }
    }

    void SkipMap(int depth)
    {
        var count = Length(bytesEach: 2);
        if (count == 0)
        {
            return;
        }

        var types = Byte();
        for (var i = 0; i < count; i++)
        {
            SkipElement((CompactType)(types >> 4), depth);
            SkipElement((CompactType)(types & 15), depth);
        }
    }

    // Inside lists and maps a boolean is a byte of its own.
    void SkipElement(CompactType type, int depth) =>
        Skip(type is CompactType.True or CompactType.False ? CompactType.Byte : type, depth + 1);

    long Integer(CompactType type) => type switch
    {
        CompactType.I16 or CompactType.I32 or CompactType.I64 => ZigZag(Varint()),
        CompactType.Byte => (sbyte)Byte(),
        _ => throw new ThriftProtocolException($"Found a {type} where an integer belongs."),
    };

    int Length(int bytesEach)
    {
        var length = Varint();
        return length <= (ulong)(data.Length - Position) / (uint)bytesEach ? (int)length : throw PastEnd((long)length);
    }

    byte Byte() => Position < data.Length ? data[Position++] : throw PastEnd(1);

    void Advance(int bytes)
    {
        if (bytes > data.Length - Position)
        {
            throw PastEnd(bytes);
        }

        Position += bytes;
    }

    ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 127) << shift;
            if (next < 128)
            {
                return value;
            }
        }

        throw new ThriftProtocolException($"The number before byte {Position} has more than 10 bytes.");
    }

    static long ZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    static int Checked32(long value) => value is >= int.MinValue and <= int.MaxValue
        ? (int)value
        : throw new ThriftProtocolException($"Found {value} where a 32-bit integer belongs.");

    readonly ThriftProtocolException PastEnd(long wanted) =>
        new($"Byte {Position}: {wanted} more bytes or elements are announced, but only {data.Length - Position} bytes follow.");
}
