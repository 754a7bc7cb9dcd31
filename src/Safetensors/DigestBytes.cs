using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OrtDpo.Safetensors;

/// <summary>What identities of weights are hashed of: integers little-endian, text as an int32 byte count and UTF-8.</summary>
public static class DigestBytes
{
    /// <summary>Appends an integer of four bytes.</summary>
    public static void AppendInt32(this IncrementalHash hash, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        hash.AppendData(bytes);
    }

    /// <summary>Appends a text.</summary>
    public static void AppendText(this IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        hash.AppendInt32(bytes.Length);
        hash.AppendData(bytes);
    }

    /// <summary>
    /// Appends a tensor: its name, the dtype's safetensors name, an int32 count of dimensions, each dimension as int64, and its bytes.
    /// </summary>
    /// <param name="hash">What is appended to.</param>
    /// <param name="name">The parameter's name, whatever the file calls it.</param>
    /// <param name="tensor">Type, shape and size.</param>
    /// <param name="address">The first byte.</param>
    /// <param name="release">
    /// Lets go of the pages of a part, first byte and count, so that hashing takes no memory; null where they may have been written to.
    /// </param>
    public static unsafe void AppendTensor(
        this IncrementalHash hash, string name, TensorEntry tensor, nint address, Action<long, long>? release)
    {
        const int Chunk = 1 << 26;
        hash.AppendText(name);
        hash.AppendText(tensor.Type.ToString());
        hash.AppendInt32(tensor.Shape.Length);
        Span<byte> size = stackalloc byte[sizeof(long)];
        foreach (var dimension in tensor.Shape)
        {
            BinaryPrimitives.WriteInt64LittleEndian(size, dimension);
            hash.AppendData(size);
        }

        for (var at = 0L; at < tensor.ByteCount; at += Chunk)
        {
            var length = (int)Math.Min(Chunk, tensor.ByteCount - at);
            hash.AppendData(new ReadOnlySpan<byte>((byte*)address + at, length));
            release?.Invoke(at, length);
        }
    }
}
