using System.Buffers.Binary;

namespace OrtDpo.Logs.TensorBoard;

/// <summary>
/// A file of TensorFlow's records: each its length (uint64, little endian), the length's masked checksum, the data, and the data's. Every
/// record is handed to the system at once, so that a killed process leaves whole records only.
/// </summary>
sealed class EventFile : IDisposable
{
    const int Framing = sizeof(ulong) + sizeof(uint) + sizeof(uint);

    readonly FileStream file;
    long wholeBytes;

    /// <summary>Makes the file, which must not exist.</summary>
    /// <exception cref="IOException">It exists, or cannot be made.</exception>
    public EventFile(string path) =>
        // Without a buffer of its own. TensorBoard reads while this writes.
        file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    /// <summary>Adds a record; one that could not be written whole is cut off, or overwritten by the next.</summary>
    /// <exception cref="IOException">The record cannot be written.</exception>
    public void Append(ReadOnlySpan<byte> data)
    {
        var record = new byte[Framing + data.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(sizeof(ulong)), MaskedCrc.Of(record.AsSpan(0, sizeof(ulong))));
        data.CopyTo(record.AsSpan(sizeof(ulong) + sizeof(uint)));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(record.Length - sizeof(uint)), MaskedCrc.Of(data));
        file.Seek(wholeBytes, SeekOrigin.Begin);
        try
        {
            file.Write(record);
        }
        catch (IOException)
        {
            file.SetLength(wholeBytes);
            throw;
        }

        wholeBytes += record.Length;
    }

    public void Dispose() => file.Dispose();
}
