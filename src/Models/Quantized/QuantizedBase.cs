using System.Security.Cryptography;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Decoders;
using OrtDpo.Quantization;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Quantized;

/// <summary>The weights of a model that are held in 4 bits.</summary>
/// <param name="weights">The weights.</param>
/// <param name="form">
/// The text that tells how they are held, where that is not how the model's own files have them; null where it is.
/// </param>
public sealed class QuantizedBase(IEnumerable<QuantizedWeight> weights, string? form)
{
    /// <summary>The text that tells how they are held; null where the model's own files hold them so.</summary>
    public string? Form => form;

    /// <summary>The weights by the names of their parameters.</summary>
    public IReadOnlyDictionary<string, QuantizedWeight> Weights { get; } =
        weights.ToDictionary(weight => weight.Name, StringComparer.Ordinal);

    /// <summary>Bytes of all; before they were quantised, at most.</summary>
    public long Bytes => Weights.Values.Sum(weight => weight.Bytes);

    /// <summary>The weight of that name; null where it is held otherwise.</summary>
    public QuantizedWeight? Find(string name) => Weights.GetValueOrDefault(name);

    /// <summary>Quantises whatever is not yet.</summary>
    /// <param name="threads">Threads at most; the numbers do not depend on them.</param>
    /// <exception cref="InvalidDataException">A weight is not finite or too large; the message says which.</exception>
    public void Prepare(int threads)
    {
        foreach (var weight in Weights.Values)
        {
            weight.Prepare(threads);
        }
    }

    /// <summary>
    /// SHA-256 over the form, empty where there is none, and the weights, ordered by the UTF-16 code units of their names: name, the text
    /// of form and shape, codes, scales and zero points.
    /// </summary>
    public string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendText(form ?? "");
        foreach (var weight in Weights.Values.OrderBy(w => w.Name, StringComparer.Ordinal))
        {
            Append(hash, weight);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Appends a weight to a digest.</summary>
    internal static void Append(IncrementalHash hash, QuantizedWeight weight)
    {
        var parts = QuantizedParts.Of(weight.Name, weight.Matrix);
        hash.AppendText(weight.Name);
        hash.AppendText(parts.Description);
        foreach (var part in parts.Parts)
        {
            hash.AppendData(part.Bytes.Span);
        }
    }

    /// <summary>Holds a folder's weights as <paramref name="weights"/> says.</summary>
    /// <exception cref="FileNotFoundException">It names a file that is not there.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or of another model.</exception>
    /// <exception cref="NotSupportedException">The folder's weights are in 4 bits already, or are such that none is.</exception>
    internal static void Put(ModelFolder folder, BaseWeights weights)
    {
        if (folder.Quantized is not null)
        {
            throw new NotSupportedException($"{folder.Path} has its weights in 4 bits already, and `Base` asks for {weights.Name}. "
                + "Leave `Base` out, or give the model that they were made from.");
        }

        var held = weights.Form is { } form ? Of(folder, form)
            : File.Exists(weights.Name) && weights.Name.EndsWith(KeptBase.Extension, StringComparison.Ordinal)
                ? KeptBase.Read(weights.Name, folder)
            : Path.Exists(weights.Name) ? HostedBase.Read(weights.Name, folder)
            : throw new FileNotFoundException(
                $"`Base` is '{weights.Name}', and there is no such file; expected {string.Join(", ", BaseWeights.Names)}, a file that "
                + "precompute kept, or an ONNX model that has the weights in int4.",
                weights.Name);
        folder.Quantized = held;
        var (bytes, count) = (held.Weights.Keys.Sum(name => folder.Find(name)!.ByteCount), held.Weights.Values.Sum(w => w.Count));
        folder.Note(FormattableString.Invariant($"{held.Weights.Count} linear weights of its layers are held in 4 bits: {held.Form}; with ")
            + FormattableString.Invariant($"scales {8.0 * held.Bytes / count:0.00} bits a number in place of {8 * bytes / count}"));
    }

    /// <summary>What stands for a matrix in 4 bits among a folder's tensors: what it is dequantised to.</summary>
    internal static TensorEntry Entry(string name, QuantizedMatrix matrix) => new(
        name, WeightType.F32, [matrix.Rows, matrix.Columns], Offset: 0, sizeof(float) * (long)matrix.Rows * matrix.Columns);

    /// <summary>The matrices that a folder's own files have in 4 bits.</summary>
    /// <exception cref="NotSupportedException">One is no linear weight of a layer.</exception>
    internal static QuantizedBase Of(ModelFolder folder, IReadOnlyDictionary<string, QuantizedMatrix> matrices)
    {
        var linear = LinearWeights(folder.Model).ToDictionary(weight => weight.Name, weight => weight.Product, StringComparer.Ordinal);
        return matrices.Keys.FirstOrDefault(name => !linear.TryGetValue(name, out var product) || product.IsInOut) is { } other
            ? throw new NotSupportedException($"{folder.FileOf(other)}: tensor '{other}' is in 4 bits, and is no linear weight of a layer "
                + $"of the {folder.Model.Family} model that can be. Give the model that it was made from.")
            : new QuantizedBase(
                matrices.Select(m => QuantizedWeight.Of(m.Key, m.Value, mapped: m.Value.Codes.Length)), form: null);
    }

    /// <summary>The linear weights of a model's layers, which can be held in 4 bits, in the order of the forward pass.</summary>
    internal static IReadOnlyList<(string Name, LinearProduct Product)> LinearWeights(DecoderModel model) =>
        AdaptedModel.ProductsOf(model is AdaptedModel adapted ? adapted.Base : model);

    /// <summary>A folder's own weights, quantised when they are needed.</summary>
    /// <exception cref="NotSupportedException">It has no linear layers that can be told apart.</exception>
    internal static QuantizedBase Of(ModelFolder folder, FourBitForm form)
    {
        var linear = LinearWeights(folder.Model);
        return linear.Count > 0
            ? new QuantizedBase(linear.Select(w => Quantised(folder, form, w.Name, w.Product)), form.ToString())
            : throw new NotSupportedException(
                $"{folder.Path}: no product in its graph has a weight of its own, so there is nothing to hold in 4 bits. "
                + "Leave `Base` out.");
    }

    /// <summary>A folder's own weight, to be quantised.</summary>
    internal static SourceMatrix SourceOf(ModelFolder folder, string name, LinearProduct product) => new(
        name, folder.Address(name), TypeOf(folder, name), checked((int)product.OutFeatures), checked((int)product.InFeatures),
        product.IsInOut);

    /// <summary>The type of a folder's own numbers, as a quantiser calls it.</summary>
    internal static SourceType TypeOf(ModelFolder folder, string name) => folder.Find(name)!.Type switch
    {
        WeightType.F16 => SourceType.Float16,
        WeightType.BF16 => SourceType.BFloat16,
        _ => SourceType.Float32,
    };

    static QuantizedWeight Quantised(ModelFolder folder, FourBitForm form, string name, LinearProduct product)
    {
        var (rows, columns) = (checked((int)product.OutFeatures), checked((int)product.InFeatures));
        return new QuantizedWeight(name, rows, columns, product.IsInOut, form.Planned, threads =>
        {
            try
            {
                var matrix = QuantizedWeight.Owned(form.Quantise(SourceOf(folder, name, product), threads), folder.Own);
                folder.Release(name);
                return matrix;
            }
            catch (InvalidDataException e)
            {
                throw new InvalidDataException($"{folder.FileOf(name)}: {e.Message}", e);
            }
        });
    }

    /// <summary>
    /// Quantises the linear weights of a folder's layers, which are held so from then on; those that are in 4 bits already become what they
    /// stand for first.
    /// </summary>
    /// <param name="folder">A model that is mapped to be read.</param>
    /// <param name="weights">A form.</param>
    /// <param name="threads">Threads at most; the numbers do not depend on them.</param>
    /// <exception cref="InvalidDataException">A weight is not finite or too large; the message says which.</exception>
    /// <exception cref="NotSupportedException">It has no linear layers that can be told apart.</exception>
    public static void Quantise(ModelFolder folder, BaseWeights weights, int threads)
    {
        Dequantise(folder);
        var quantized = Of(folder, weights.Form ?? throw new ArgumentException($"'{weights.Name}' is no form.", nameof(weights)));
        quantized.Prepare(threads);
        folder.Quantized = quantized;
    }

    /// <summary>Makes all weights float32 in memory, as the folder's own numbers from then on.</summary>
    internal static unsafe void Dequantise(ModelFolder folder)
    {
        foreach (var weight in folder.Quantized?.Weights.Values ?? [])
        {
            var entry = folder.Find(weight.Name)!;
            var block = NativeBlock.Allocate(weight.Count * sizeof(float));
            weight.Dequantise(0, weight.Rows, block.Address);
            folder.Replace(weight.Name, block, entry with { Type = WeightType.F32, ByteCount = weight.Count * sizeof(float) });
        }

        folder.Quantized = null;
    }
}
