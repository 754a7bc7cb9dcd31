using System.Buffers.Binary;

namespace OrtDpo.Data;

/// <summary>
/// An Arrow file as Apache.Arrow reads it: the package makes room for a message before it looks whether the file holds one so long. It
/// reads the length by itself, as four bytes; what no file of this length holds is refused there.
/// </summary>
sealed class ArrowFile(string path) : FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read)
{
    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => Checked(base.Read(buffer), buffer);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) =>
        Checked(base.Read(buffer, offset, count), buffer.AsSpan(offset, count));

    int Checked(int count, ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length == sizeof(int) && count == sizeof(int) && BinaryPrimitives.ReadInt32LittleEndian(buffer) is var length
            && length > Length)
        {
            throw new InvalidDataException($"a message claims {length} bytes of {Length}");
        }

        return count;
    }
}
