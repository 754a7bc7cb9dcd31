using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace OrtDpo.Linked.FlatBuffers;

/// <summary>
/// The bytes of a FlatBuffer. Every offset is checked where it is followed, against the file and against what it must be a multiple of, as
/// the verifier does that ONNX Runtime has. Compiled into each assembly that reads such files, as <see cref="GitLfsPointer"/> is.
/// </summary>
/// <param name="path">The file, for messages.</param>
/// <param name="bytes">All of it.</param>
sealed class FlatFile(string path, ReadOnlyMemory<byte> bytes)
{
    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The table that the file begins with.</summary>
    /// <exception cref="InvalidDataException">It leads out of the file.</exception>
    public FlatTable Root => new(this, Target(0));

    /// <summary>An unsigned number of two bytes.</summary>
    public int UInt16(long at) => BinaryPrimitives.ReadUInt16LittleEndian(Part(at, sizeof(ushort), sizeof(ushort)));

    /// <summary>A number of four bytes.</summary>
    public int Int32(long at) => BinaryPrimitives.ReadInt32LittleEndian(Part(at, sizeof(int), sizeof(int)));

    /// <summary>A number of eight bytes.</summary>
    public long Int64(long at) => BinaryPrimitives.ReadInt64LittleEndian(Part(at, sizeof(long), sizeof(long)));

    /// <summary>A floating-point number of four bytes.</summary>
    public float Single(long at) => BinaryPrimitives.ReadSingleLittleEndian(Part(at, sizeof(float), sizeof(float)));

    /// <summary>One byte.</summary>
    public byte Byte(long at) => Part(at, 1, 1)[0];

    /// <summary>Where the offset at a place leads to.</summary>
    public long Target(long at)
    {
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(Part(at, sizeof(uint), sizeof(uint)));
        return offset > 0 ? at + offset : throw Damaged(at, "an offset of 0");
    }

    /// <summary>The place of a vector's first element and the count of them, from where its count stands.</summary>
    public (long Start, int Count) Vector(long at, int elementSize)
    {
        var count = BinaryPrimitives.ReadUInt32LittleEndian(Part(at, sizeof(uint), sizeof(uint)));
        var start = at + sizeof(uint);
        Part(start, count * (long)elementSize, count == 0 ? 1 : elementSize);
        return (start, (int)count);
    }

    /// <summary>The tables that a vector of offsets leads to.</summary>
    public IEnumerable<FlatTable> Tables(long at)
    {
        var (start, count) = Vector(at, sizeof(int));
        return Enumerable.Range(0, count).Select(i => new FlatTable(this, Target(start + (i * (long)sizeof(int)))));
    }

    /// <summary>The numbers of a vector of eight bytes each.</summary>
    public long[] Int64s(long at)
    {
        var (start, count) = Vector(at, sizeof(long));
        return [.. Enumerable.Range(0, count).Select(i => BinaryPrimitives.ReadInt64LittleEndian(Part(start + (i * 8L), 8, 8)))];
    }

    /// <summary>A vector's bytes.</summary>
    public byte[] Bytes(long at)
    {
        var (start, count) = Vector(at, sizeof(byte));
        return Part(start, count, 1).ToArray();
    }

    /// <summary>A text, which a zero ends.</summary>
    public string Text(long at)
    {
        var (start, count) = Vector(at, sizeof(byte));
        var text = Part(start, count + 1L, 1);
        try
        {
            return text[^1] == 0 ? Utf8.GetString(text[..^1]) : throw Damaged(at, "a text without an end");
        }
        catch (DecoderFallbackException)
        {
            throw Damaged(at, "a text that is not UTF-8");
        }
    }

    /// <summary>Refuses a range that leads out of the file.</summary>
    public void Require(long at, long length) => Part(at, length, 1);

    /// <summary>What is said of a file whose bytes do not fit together.</summary>
    public InvalidDataException Damaged(long at, string what) => new(
        string.Create(CultureInfo.InvariantCulture, $"{path} is damaged: at byte {at} is {what}. Get the file again."));

    ReadOnlySpan<byte> Part(long at, long length, int multiple) =>
        at < 0 || at + length > bytes.Length ? throw Damaged(at, "the end of what should go on")
        : at % multiple != 0 ? throw Damaged(at, "what should begin elsewhere")
        : bytes.Span.Slice((int)at, (int)length);
}
