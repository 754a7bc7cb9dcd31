using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace OrtDpo.Artifacts.Checkpoints;

/// <summary>
/// A FlatBuffer written from its beginning: what refers to something has room for the offset, which is filled in where the target comes to
/// stand, always behind it. So the tensors of a file, which are nearly all of it, can come last and are never held in memory; a builder
/// that works from the end has the whole file in one array.
/// </summary>
sealed class FlatLayout
{
    readonly List<byte> bytes;

    /// <param name="identifier">The four bytes that tell the kind of file.</param>
    public FlatLayout(ReadOnlySpan<byte> identifier)
    {
        bytes = [0, 0, 0, 0, .. identifier];
    }

    /// <summary>Where the offset of the root table stands.</summary>
    public const int RootSlot = 0;

    /// <summary>All that was laid out.</summary>
    public ReadOnlySpan<byte> Bytes => CollectionsMarshal.AsSpan(bytes);

    /// <summary>Lays out a table behind the list of its fields' places.</summary>
    /// <param name="slot">Where the offset to it stands.</param>
    /// <param name="fields">Its fields; those that are left out have their default.</param>
    /// <returns>Where each field stands, in the order of <paramref name="fields"/>: the slots of offsets.</returns>
    public int[] Table(int slot, params ReadOnlySpan<FlatField> fields)
    {
        var (count, isWide) = (0, false);
        foreach (var field in fields)
        {
            count = Math.Max(count, field.Number + 1);
            isWide |= field.Size == sizeof(long);
        }

        // Behind the distance to the list, four bytes, the widest fields come first: each then stands at a multiple of its size.
        var list = sizeof(ushort) * (2 + count);
        Pad(list, isWide ? (8, 4) : (4, 0));
        var listAt = bytes.Count;
        var at = listAt + list;
        var (places, end) = (new int[fields.Length], sizeof(int));
        foreach (var size in (ReadOnlySpan<int>)[sizeof(long), sizeof(int), sizeof(byte)])
        {
            for (var i = 0; i < fields.Length; i++)
            {
                if (fields[i].Size == size)
                {
                    places[i] = at + end;
                    end += size;
                }
            }
        }

        CollectionsMarshal.SetCount(bytes, at + end);
        var span = CollectionsMarshal.AsSpan(bytes);
        span[listAt..].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(span[listAt..], (ushort)list);
        BinaryPrimitives.WriteUInt16LittleEndian(span[(listAt + 2)..], (ushort)end);
        BinaryPrimitives.WriteInt32LittleEndian(span[at..], list);
        for (var i = 0; i < fields.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(span[(listAt + (2 * (2 + fields[i].Number)))..], (ushort)(places[i] - at));
            for (var at8 = 0; at8 < fields[i].Size; at8++)
            {
                span[places[i] + at8] = (byte)(fields[i].Bits >> (8 * at8));
            }
        }

        Refer(slot, at);
        return places;
    }

    /// <summary>Lays out a text, which a zero ends.</summary>
    public void Text(int slot, string text)
    {
        Align(sizeof(int));
        Refer(slot, bytes.Count);
        var utf8 = Encoding.UTF8.GetBytes(text);
        AppendInt32(utf8.Length);
        bytes.AddRange(utf8);
        bytes.Add(0);
    }

    /// <summary>Lays out a vector of numbers of eight bytes.</summary>
    public void Int64s(int slot, ReadOnlySpan<long> numbers)
    {
        Pad(sizeof(int), (sizeof(long), 0));
        Refer(slot, bytes.Count);
        AppendInt32(numbers.Length);
        Span<byte> number8 = stackalloc byte[sizeof(long)];
        foreach (var number in numbers)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number8, number);
            bytes.AddRange(number8);
        }
    }

    /// <summary>Lays out a vector of offsets.</summary>
    /// <returns>The slot of the first; the others follow, four bytes each.</returns>
    public int Offsets(int slot, int count)
    {
        Align(sizeof(int));
        Refer(slot, bytes.Count);
        AppendInt32(count);
        var first = bytes.Count;
        CollectionsMarshal.SetCount(bytes, first + (sizeof(int) * count));
        CollectionsMarshal.AsSpan(bytes)[first..].Clear();
        return first;
    }

    /// <summary>Fills in the offset at a slot, to a target that may lie behind all that is laid out.</summary>
    public void Refer(int slot, long target) =>
        BinaryPrimitives.WriteUInt32LittleEndian(CollectionsMarshal.AsSpan(bytes)[slot..], checked((uint)(target - slot)));

    void Align(int multiple) => Pad(0, (multiple, 0));

    // So that what begins `ahead` bytes from here does so at a place with this remainder.
    void Pad(int ahead, (int Multiple, int Remainder) place)
    {
        while ((bytes.Count + ahead) % place.Multiple != place.Remainder)
        {
            bytes.Add(0);
        }
    }

    void AppendInt32(int value)
    {
        Span<byte> four = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(four, value);
        bytes.AddRange(four);
    }
}
