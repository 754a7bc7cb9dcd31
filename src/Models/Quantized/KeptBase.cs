using OrtDpo.Quantization;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Quantized;

/// <summary>
/// A base in 4 bits as a safetensors file, to be mapped where it would be quantised anew: of each matrix the tensors of
/// <see cref="QuantizedParts"/>, and in the metadata what they mean, of which model they are, and a digest of them all.
/// </summary>
public static class KeptBase
{
    /// <summary>With what the file's name ends.</summary>
    public const string Extension = ".safetensors";

    const string FormKey = "ortdpo_base_form";
    const string SourceKey = "ortdpo_base_source";
    const string DigestKey = "ortdpo_base_digest";

    const string Again = "Keep it again with precompute, or leave the file out and have it quantised.";

    /// <summary>The name of the file for a folder's base: its form, and the beginning of the model's digest.</summary>
    /// <exception cref="InvalidOperationException">The folder's weights are not quantised.</exception>
    public static string NameOf(ModelFolder folder) =>
        $"base-{BaseWeights.NameOf(FormOf(folder))}-{SourceOf(folder)[..12]}{Extension}";

    /// <summary>Writes the base of a folder.</summary>
    /// <param name="file">The file.</param>
    /// <param name="folder">A model whose weights are quantised when it is opened.</param>
    /// <exception cref="InvalidOperationException">The folder's weights are not quantised.</exception>
    public static unsafe void Write(Stream file, ModelFolder folder)
    {
        var form = FormOf(folder);
        var parts = folder.Quantized!.Weights.Values.Select(weight => QuantizedParts.Of(weight.Name, weight.Matrix)).ToList();
        var metadata = parts.ToDictionary(part => part.Weight, part => part.Description, StringComparer.Ordinal);
        metadata.Add(FormKey, form);
        metadata.Add(SourceKey, SourceOf(folder));
        metadata.Add(DigestKey, folder.Quantized.Digest());
        var pins = new List<System.Buffers.MemoryHandle>();
        try
        {
            SafetensorsWriter.Write(file, parts.SelectMany(part => part.Parts).Select(part =>
            {
                var pin = part.Bytes.Pin();
                pins.Add(pin);
                return new TensorSource(part.Name, Enum.Parse<WeightType>(part.DType), part.Shape, (nint)pin.Pointer);
            }), metadata);
        }
        finally
        {
            pins.ForEach(pin => pin.Dispose());
        }
    }

    /// <summary>Maps a file for the model that it was made of.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or of another model.</exception>
    internal static QuantizedBase Read(string path, ModelFolder folder)
    {
        var file = SafetensorsFile.Open(path);
        folder.Own(file);
        var form = Said(file, FormKey);
        RequireSource(file, folder);
        var linear = QuantizedBase.LinearWeights(folder.Model);
        var kept = new QuantizedBase(linear.Select(weight => Weight(file, weight.Name, weight.Product.IsInOut, folder)), form);
        var expected = kept.Weights.Values.SelectMany(weight => QuantizedParts.Of(weight.Name, weight.Matrix).Parts)
            .Select(part => part.Name).ToHashSet(StringComparer.Ordinal);
        if (file.Tensors.Keys.FirstOrDefault(name => !expected.Contains(name)) is { } stray)
        {
            throw new InvalidDataException($"{path}: tensor '{stray}' is of no weight of {folder.Path}. {Again}");
        }

        var (digest, found) = (Said(file, DigestKey), kept.Digest());
        foreach (var tensor in file.Tensors.Values)
        {
            file.Release(tensor, 0, tensor.ByteCount);
        }

        return found == digest ? kept : throw new InvalidDataException(
            $"{path} is damaged: form and tensors have the digest {found[..12]}…, and it says {Short(digest)}. {Again}");
    }

    static string FormOf(ModelFolder folder) => folder.Quantized?.Form
        ?? throw new InvalidOperationException($"{folder.Path} is held as its files have it: there is nothing to keep.");

    // Whatever length a run bounds its sequences to: the weights are the same.
    static string SourceOf(ModelFolder folder) =>
        ReferenceDigest.OfBase(folder, folder.Model.For(folder.Model.Sizes.MaxPositions));

    static void RequireSource(SafetensorsFile file, ModelFolder folder)
    {
        var (source, found) = (Said(file, SourceKey), SourceOf(folder));
        if (found != source)
        {
            throw new InvalidDataException($"{file.Path} was made of a model with the digest {Short(source)}, and {folder.Path} has "
                + $"{found[..12]}…: another model, other numbers or another dtype. Give the model that it was made of (`Model`), or "
                + "keep it again with precompute.");
        }
    }

    static QuantizedWeight Weight(SafetensorsFile file, string name, bool isInOut, ModelFolder folder)
    {
        var description = Said(file, name);
        var parts = file.Tensors.Values.Where(tensor => tensor.Name.StartsWith($"{name}.", StringComparison.Ordinal))
            .Select(tensor => new QuantizedPart(
                tensor.Name, tensor.Type.ToString(), tensor.Shape,
                new ViewedBytes(file.Address(tensor), checked((int)tensor.ByteCount)).Memory));
        try
        {
            var matrix = new QuantizedParts(name, description, [.. parts]).ToMatrix();
            var shape = folder.Find(name)!.Shape;
            var expected = isInOut ? [shape[1], shape[0]] : shape;
            return expected.AsSpan().SequenceEqual([matrix.Rows, matrix.Columns])
                ? QuantizedWeight.Of(name, matrix, mapped: matrix.ByteCount, isInOut)
                : throw new InvalidDataException(
                    $"weight '{name}' is [{matrix.Rows}, {matrix.Columns}]; {folder.Path} has {TensorEntry.Describe(expected)}. {Again}");
        }
        // A shape that nothing has is no other kind of fault than one that this model does not have.
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
            throw new InvalidDataException($"{file.Path}: {e.Message}", e);
        }
    }

    static string Said(SafetensorsFile file, string key) => file.Metadata.TryGetValue(key, out var value)
        ? value
        : throw new InvalidDataException(
            $"{file.Path} has no '{key}' in its metadata; a base in 4 bits that was kept has. {Again}");

    static string Short(string digest) => digest.Length > 12 ? $"{digest[..12]}…" : digest;
}
