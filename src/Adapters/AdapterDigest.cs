using System.Globalization;
using System.Security.Cryptography;
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
        hash.AppendText("ortdpo-adapter-1");
        hash.AppendInt32(targets.Targets.Count);
        foreach (var target in targets.Targets.OrderBy(t => t.Module.Name, StringComparer.Ordinal))
        {
            hash.AppendText(target.Module.Name);
            hash.AppendInt32(target.Rank);
            hash.AppendText(target.Scale.ToString("R", CultureInfo.InvariantCulture));
            AppendTensor(hash, file, target.NameOfA);
            AppendTensor(hash, file, target.NameOfB);
        }

        var saved = file.Tensors.Keys.Where(name => AdapterNames.LoraModule(name) is null).Order(StringComparer.Ordinal).ToList();
        hash.AppendInt32(saved.Count);
        foreach (var name in saved)
        {
            AppendTensor(hash, file, name);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static void AppendTensor(IncrementalHash hash, AdapterFile file, string name) => hash.AppendTensor(
        name, file.Tensors[name], file.Address(name),
        file.Mapping == WeightMapping.ReadOnly ? (start, count) => file.Release(name, start, count) : null);
}
