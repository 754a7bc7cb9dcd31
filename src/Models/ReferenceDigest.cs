using System.Security.Cryptography;
using OrtDpo.Models.Quantized;
using OrtDpo.Safetensors;

namespace OrtDpo.Models;

/// <summary>
/// The identity of a model: SHA-256, as lower-case hexadecimal, over these bytes (integers little-endian, text as an int32 byte count and
/// UTF-8): the text <c>ortdpo-reference-1</c>; the text of <see cref="Decoders.DecoderModel.Canonical"/>; an int32 count of parameters;
/// then per parameter, ordered by the UTF-16 code units of its name: the name, the dtype's safetensors name, an int32 count of dimensions,
/// each dimension as int64, and the tensor's bytes as they lie in the file. A matrix that the file has in 4 bits is its name, the text of
/// its form and shape, and the bytes of codes, scales and zero points. One file and its shards have the same digest; rotary buffers do not
/// count.
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
        hash.AppendText("ortdpo-adapted-1");
        hash.AppendText(digest);
        hash.AppendText(adapter);
        return (digest, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>The identity of the model without its adapter.</summary>
    /// <param name="model">The folder.</param>
    /// <param name="computed">The model as it computes: for a longest sequence on which its numbers may depend.</param>
    internal static string OfBase(ModelFolder model, Decoders.DecoderModel computed) =>
        model.Digest(computed.Canonical(), () => Hash(model, computed));

    static string Hash(ModelFolder model, Decoders.DecoderModel computed)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendText("ortdpo-reference-1");
        hash.AppendText(computed.Canonical());
        hash.AppendInt32(model.BaseParameters.Count);
        foreach (var name in model.BaseParameters.Order(StringComparer.Ordinal))
        {
            if (model.Quantized is { Form: null } quantized && quantized.Find(name) is { } weight)
            {
                QuantizedBase.Append(hash, weight);
                continue;
            }

            hash.AppendTensor(
                name, model.Find(name)!, model.Address(name),
                model.Mapping == WeightMapping.ReadOnly ? (start, count) => model.Release(name, start, count) : null);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
