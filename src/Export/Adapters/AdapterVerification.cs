using OrtDpo.Adapters.Onnx;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Models.Import;
using OrtDpo.Runs;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Adapters;

/// <summary>
/// Whether the adapters in an exported folder are of its model: by the base's digest, and by the names, types and sizes that hosts look at.
/// </summary>
/// <param name="Folder">The folder.</param>
/// <param name="Adapters">The adapters that were looked at.</param>
/// <param name="Faults">What is not right, in sentences.</param>
public sealed record AdapterVerification(string Folder, int Adapters, IReadOnlyList<string> Faults)
{
    /// <summary>Whether there is no fault.</summary>
    public bool Ok => Faults.Count == 0;

    /// <summary>Whether a folder is an export with adapters.</summary>
    public static bool IsExport(string folder) =>
        File.Exists(Path.Combine(folder, OnnxFile.FileName)) && Directory.Exists(Path.Combine(folder, AdapterExport.FolderName));

    /// <summary>Looks at every <c>.onnx_adapter</c> file among the adapters of an export.</summary>
    /// <exception cref="InvalidDataException">The model cannot be read, or is no base of adapters.</exception>
    public static AdapterVerification Of(string folder)
    {
        var path = Path.Combine(folder, OnnxFile.FileName);
        var model = OnnxSummary.Read(path);
        var digest = model.Metadata.GetValueOrDefault(ExportOptions.MetadataPrefix + AdapterExport.BaseDigest)
            ?? throw new InvalidDataException($"{path} does not say what base it is ({ExportOptions.MetadataPrefix}"
                + $"{AdapterExport.BaseDigest}): it was not exported for adapters, or was changed. Export it with `Adapters`.");
        var slots = model.Inputs.Where(input => input.Type.TensorType is not null).ToDictionary(i => i.Name, StringComparer.Ordinal);
        var files = Directory.GetFiles(Path.Combine(folder, AdapterExport.FolderName), "*" + OnnxAdapter.Extension);
        return new AdapterVerification(folder, files.Length, [.. files.Order(StringComparer.Ordinal).SelectMany(file =>
        {
            try
            {
                // Of a foreign adapter every tensor is one: the first says it.
                return (IEnumerable<string>)
                    [.. Origin(file, digest, path), .. Tensors(file, OnnxAdapterReader.Read(file), slots, path).Take(1)];
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException or FileNotFoundException)
            {
                return [e.Message];
            }
        })]);
    }

    static IEnumerable<string> Origin(string file, string digest, string model)
    {
        var origin = FileJson.Read<AdapterOrigin>(file + AdapterOrigin.Suffix);
        if (origin.FileDigest != FileDigest.OfFile(file))
        {
            yield return $"{file} changed since it was exported: its digest is not that of {Path.GetFileName(file)}{AdapterOrigin.Suffix}. "
                + "Export it again.";
        }

        if (origin.BaseDigest != digest)
        {
            yield return $"{file} is of another base: it was trained on {Short(origin.BaseDigest)}, and {model} is {Short(digest)}. "
                + "Put it beside its own base.";
        }
    }

    static IEnumerable<string> Tensors(string file, OnnxAdapter adapter, Dictionary<string, ValueInfoProto> slots, string model)
    {
        foreach (var tensor in adapter.Tensors)
        {
            if (!slots.TryGetValue(tensor.Name, out var slot))
            {
                yield return $"{file}: {model} has no input '{tensor.Name}'. Put the adapter beside its own base.";
                continue;
            }

            var (type, dims) = (slot.Type.TensorType.ElemType, slot.Type.TensorType.Shape.Dim);
            if (type != (int)StoredWeights.ElementType(tensor.Type))
            {
                yield return $"{file}: tensor '{tensor.Name}' is {tensor.Type.ConfigName()}, and the input of {model} is of ONNX's element "
                    + $"type {type}. Export both in one dtype.";
            }

            if (dims.Count != tensor.Shape.Length || dims.Zip(tensor.Shape).Any(d => d.First.HasDimValue && d.First.DimValue != d.Second))
            {
                var expected = string.Join(", ", dims.Select(d => d.HasDimValue ? $"{d.DimValue}" : "rank"));
                yield return $"{file}: tensor '{tensor.Name}' is {TensorEntry.Describe(tensor.Shape)}, and the input of {model} is "
                    + $"[{expected}]. Put the adapter beside its own base.";
            }
        }
    }

    static string Short(string digest) => digest.Length > 12 ? $"{digest[..12]}…" : digest;
}
