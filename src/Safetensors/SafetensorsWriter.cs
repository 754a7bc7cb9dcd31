using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace OrtDpo.Safetensors;

/// <summary>Writes safetensors files straight from native memory.</summary>
public static class SafetensorsWriter
{
    const int ChunkBytes = 1 << 26;

    /// <summary>Writes a whole file to <paramref name="file"/>, the tensors ordered by name.</summary>
    /// <param name="file">The file.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="metadata">Strings for the header, beside the one that names the framework; null: none.</param>
    /// <exception cref="ArgumentException">Two tensors have the same name.</exception>
    /// <exception cref="InvalidDataException">A value is too large for the type that it is to be saved in.</exception>
    public static void Write(
        Stream file, IEnumerable<TensorSource> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = tensors.OrderBy(t => t.Name, StringComparer.Ordinal).ToList();
        file.Write(Header(ordered, metadata ?? new Dictionary<string, string>()));
        foreach (var tensor in ordered)
        {
            WriteBytes(file, tensor);
        }
    }

    static byte[] Header(List<TensorSource> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[sizeof(ulong)]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            // Hugging Face's loader refuses a file that does not name its framework.
            json.WriteString("format", "pt");
            foreach (var (key, value) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
            var at = 0L;
            string? previous = null;
            foreach (var tensor in tensors)
            {
                if (tensor.Name == previous)
                {
                    throw new ArgumentException(
                        $"Tensor '{tensor.Name}' is given twice; names are unique in a safetensors file.", nameof(tensors));
                }

                previous = tensor.Name;
                WriteEntry(json, tensor, ref at);
            }

            json.WriteEndObject();
        }

        // Spaces to a multiple of eight, so that the first tensor is aligned.
        while (buffer.Length % sizeof(ulong) != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        var bytes = buffer.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, bytes.Length - sizeof(ulong));
        return bytes;
    }

    static void WriteEntry(Utf8JsonWriter json, TensorSource tensor, ref long at)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", tensor.SavedAs.ToString());
        json.WriteStartArray("shape");
        foreach (var dimension in tensor.Shape)
        {
            json.WriteNumberValue(dimension);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(at);
        json.WriteNumberValue(at += tensor.ByteCount);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes a tensor's numbers alone, in the type that it is saved as.</summary>
    /// <param name="file">Where they go, from where it stands.</param>
    /// <param name="tensor">The tensor.</param>
    /// <exception cref="InvalidDataException">A number is too large for a narrower type; the message names the tensor.</exception>
    public static void WriteBytes(Stream file, TensorSource tensor)
    {
        if (tensor.SavedAs != tensor.Type)
        {
            WriteNarrowed(file, tensor);
            return;
        }

        var bytes = tensor.ByteCount;
        byte[]? buffer = null;
        for (var done = 0L; done < bytes; done += ChunkBytes)
        {
            file.Write(BytesOf(tensor, done, (int)Math.Min(ChunkBytes, bytes - done), ref buffer));
        }
    }

    static void WriteNarrowed(Stream file, TensorSource tensor)
    {
        const int Chunk = 1 << 20;
        var count = tensor.ByteCount / tensor.SavedAs.ByteSize();
        var narrowed = new byte[Math.Min(Chunk, count) * tensor.SavedAs.ByteSize()];
        byte[]? buffer = null;
        for (var done = 0L; done < count; done += Chunk)
        {
            var size = (int)Math.Min(Chunk, count - done) * sizeof(float);
            var values = MemoryMarshal.Cast<byte, float>(BytesOf(tensor, done * sizeof(float), size, ref buffer));
            var bytes = narrowed.AsSpan(0, values.Length * tensor.SavedAs.ByteSize());
            FloatNarrowing.Narrow(tensor.Name, values, tensor.SavedAs, bytes);
            file.Write(bytes);
        }
    }

    // Where they lie, or a copy in a buffer that the first of a tensor's parts makes.
    static unsafe ReadOnlySpan<byte> BytesOf(TensorSource tensor, long offset, int count, ref byte[]? buffer)
    {
        if (tensor.Reader is not { } reader)
        {
            return new ReadOnlySpan<byte>((byte*)tensor.Address + offset, count);
        }

        buffer ??= new byte[count];
        var bytes = buffer.AsSpan(0, count);
        reader(offset, bytes);
        return bytes;
    }
}
