using System.Buffers.Binary;
using System.Text;

namespace OrtDpo.Tokenizers.Loading;

/// <summary>Reads the fields of one protobuf message.</summary>
ref struct ProtobufReader(ReadOnlySpan<byte> message, string source)
{
    ReadOnlySpan<byte> rest = message;

    /// <summary>The number of the field that <see cref="Next"/> found.</summary>
    public int Field { get; private set; }

    /// <summary>Its value if it is a number: a varint, or the bits of a fixed-width one.</summary>
    public ulong Number { get; private set; }

    /// <summary>Its bytes if it is a string or a message.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    public readonly string Text => Encoding.UTF8.GetString(Bytes);

    public readonly float Single => BitConverter.UInt32BitsToSingle((uint)Number);

    /// <summary>Goes to the next field; false at the end of the message.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a protobuf message.</exception>
    public bool Next()
    {
        if (rest.IsEmpty)
        {
            return false;
        }

        var tag = Varint();
        Field = (int)(tag >> 3);
        Bytes = default;
        Number = 0;
        switch (tag & 7)
        {
            case 0:
                Number = Varint();
                break;
            case 1:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                Bytes = Take(Varint());
                break;
            case 5:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw Broken();
        }

        return Field > 0 ? true : throw Broken();
    }

    ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Broken();
    }

    ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)rest.Length)
        {
            throw Broken();
        }

        var taken = rest[..(int)length];
        rest = rest[(int)length..];
        return taken;
    }

    readonly InvalidDataException Broken() =>
        new($"{source} is not a SentencePiece model: its protobuf breaks off {rest.Length} bytes before the end of a message.");
}
