using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OrtDpo.Safetensors;

namespace OrtDpo.Adapters;

/// <summary>
/// The identity of an adapter: SHA-256, as lower-case hexadecimal, over these bytes (integers little-endian, text as an int32 byte count
/// and UTF-8, names ordered by their UTF-16 code units): the text <c>ortdpo-adapter-1</c>; an int32 count of adapted modules; per module
/// its name, the rank as int32, the scale as text (the shortest that reads back as the same double, as .NET writes it), the tensor <c>A</c>
/// and the tensor <c>B</c>; an int32 count of parameters that are saved whole, and each of their tensors. A tensor is its parameter name,
/// the dtype's safetensors name, an int32 count of dimensions, each dimension as int64, and its bytes as they lie in the file. How a
/// configuration spells its targets, and what changes no number, does not count.
/// </summary>
public static class AdapterDigest
{
    /// <param name="targets">What the adapter's configuration means for its base.</param>
    /// <param name="file">Its tensors, which <see cref="AdapterFile.Check"/> has passed.</param>
    public static string Compute(LoraTargets targets, AdapterFile file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendText(hash, "ortdpo-adapter-1");
        AppendInt32(hash, targets.Targets.Count);
        foreach (var target in targets.Targets.OrderBy(t => t.Module.Name, StringComparer.Ordinal))
        {
            AppendText(hash, target.Module.Name);
            AppendInt32(hash, target.Rank);
            AppendText(hash, target.Scale.ToString("R", CultureInfo.InvariantCulture));
            AppendTensor(hash, file, target.NameOfA);
            AppendTensor(hash, file, target.NameOfB);
        }

        var saved = file.Tensors.Keys.Where(name => AdapterNames.LoraModule(name) is null).Order(StringComparer.Ordinal).ToList();
        AppendInt32(hash, saved.Count);
        foreach (var name in saved)
        {
            AppendTensor(hash, file, name);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static void AppendTensor(IncrementalHash hash, AdapterFile file, string name)
    {
        var tensor = file.Tensors[name];
        AppendText(hash, name);
        AppendText(hash, tensor.Type.ToString());
        AppendInt32(hash, tensor.Shape.Length);
        foreach (var dimension in tensor.Shape)
        {
            AppendInt64(hash, dimension);
        }

        AppendBytes(hash, file, name, tensor.ByteCount);
    }

    // Page by page out of memory again, where nothing is written to them: hashing takes none.
    static unsafe void AppendBytes(IncrementalHash hash, AdapterFile file, string name, long count)
    {
        const int Chunk = 1 << 26;
        var address = (byte*)file.Address(name);
        for (var at = 0L; at < count; at += Chunk)
        {
            var length = (int)Math.Min(Chunk, count - at);
            hash.AppendData(new ReadOnlySpan<byte>(address + at, length));
            if (file.Mapping == WeightMapping.ReadOnly)
            {
                file.Release(name, at, length);
            }
        }
    }

    static void AppendText(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        AppendInt32(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    static void AppendInt32(IncrementalHash hash, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        hash.AppendData(bytes);
    }

    static void AppendInt64(IncrementalHash hash, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        hash.AppendData(bytes);
    }
}
