using System.Buffers;
using System.Text;

namespace Parquet.Thrift;

/// <summary>Writes values of Thrift's compact protocol.</summary>
sealed class CompactWriter(IBufferWriter<byte> output)
{
    readonly Stack<short> outer = new();
    short last;

    public void I32(short id, int value)
    {
        Field(id, CompactType.I32);
        Varint(ZigZag(value));
    }

    public void I64(short id, long value)
    {
        Field(id, CompactType.I64);
        Varint(ZigZag(value));
    }

    public void Text(short id, string value)
    {
        Field(id, CompactType.Binary);
        Text(value);
    }

    /// <summary>Begins a struct that is a field; <see cref="End"/> closes it.</summary>
    public void Struct(short id)
    {
        Field(id, CompactType.Struct);
        Begin();
    }

    public void List<T>(short id, CompactType element, IReadOnlyCollection<T> items, Action<T> write)
    {
        Field(id, CompactType.List);
        if (items.Count < 15)
        {
            Byte((byte)((items.Count << 4) | (int)element));
        }
        else
        {
            Byte((byte)(0xF0 | (int)element));
            Varint((ulong)items.Count);
        }

        foreach (var item in items)
        {
            write(item);
        }
    }

    public void Element(int value) => Varint(ZigZag(value));

    public void Element(string value) => Text(value);

    /// <summary>Begins a struct that is an element of a list, or the message itself.</summary>
    public void Begin()
    {
        outer.Push(last);
        last = 0;
    }

    public void End()
    {
        Byte((byte)CompactType.Stop);
        last = outer.Pop();
    }

    void Field(short id, CompactType type)
    {
        var delta = id - last;
        if (delta is > 0 and <= 15)
        {
            Byte((byte)((delta << 4) | (int)type));
        }
        else
        {
            Byte((byte)type);
            Varint(ZigZag(id));
        }

        last = id;
    }

    void Text(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        Varint((ulong)bytes.Length);
        output.Write(bytes);
    }

    void Byte(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    void Varint(ulong value)
    {
        for (; value >= 128; value >>= 7)
        {
            Byte((byte)(value | 128));
        }

        Byte((byte)value);
    }

    static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));
}
