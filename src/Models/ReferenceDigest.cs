using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using OrtDpo.Safetensors;

namespace OrtDpo.Models;

/// <summary>
/// The identity of a model: SHA-256, as lower-case hexadecimal, over these bytes (integers little-endian, text as an int32 byte count and
/// UTF-8): the text <c>ortdpo-reference-1</c>; the text of <see cref="Decoders.DecoderModel.Canonical"/>; an int32 count of parameters;
/// then per parameter, ordered by the UTF-16 code units of its name: the name, the dtype's safetensors name, an int32 count of dimensions,
/// each dimension as int64, and the tensor's bytes as they lie in the file. One file and its shards have the same digest;
/// rotary buffers do not count.
/// </summary>
public static class ReferenceDigest
{
    /// <summary>
    /// The identity of a model with the adapter that lies on it; one whose every B is zero counts as none. With an adapter: SHA-256 over
    /// the texts <c>ortdpo-adapted-1</c>, the base's identity and the adapter's (<see cref="OrtDpo.Adapters.AdapterDigest"/>).
    /// </summary>
    public static string Compute(ModelFolder model) => Both(model).Whole;

    /// <summary>The identities of the model alone and with its adapter.</summary>
    public static (string Base, string Whole) Both(ModelFolder model)
    {
        var digest = OfBase(model, model.Model);
        if (model.Adapter?.Digest is not { } adapter)
        {
            return (digest, digest);
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendText(hash, "ortdpo-adapted-1");
        AppendText(hash, digest);
        AppendText(hash, adapter);
        return (digest, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>The identity of the model without its adapter.</summary>
    /// <param name="model">The folder.</param>
    /// <param name="computed">The model as it computes: for a longest sequence on which its numbers may depend.</param>
    internal static string OfBase(ModelFolder model, Decoders.DecoderModel computed)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendText(hash, "ortdpo-reference-1");
        AppendText(hash, computed.Canonical());
        AppendInt32(hash, model.BaseParameters.Count);
        foreach (var name in model.BaseParameters.Order(StringComparer.Ordinal))
        {
            var tensor = model.Find(name)!;
            AppendText(hash, name);
            AppendText(hash, tensor.Type.ToString());
            AppendInt32(hash, tensor.Shape.Length);
            foreach (var dimension in tensor.Shape)
            {
                AppendInt64(hash, dimension);
            }

            AppendTensor(hash, model, name, tensor.ByteCount);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
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

    // Page by page out of memory again, where nothing is written to them: hashing takes none.
    static unsafe void AppendTensor(IncrementalHash hash, ModelFolder model, string name, long count)
    {
        const int Chunk = 1 << 26;
        var address = (byte*)model.Address(name);
        for (var at = 0L; at < count; at += Chunk)
        {
            var length = (int)Math.Min(Chunk, count - at);
            hash.AppendData(new ReadOnlySpan<byte>(address + at, length));
            if (model.Mapping == WeightMapping.ReadOnly)
            {
                model.Release(name, at, length);
            }
        }
    }
}
