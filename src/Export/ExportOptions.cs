using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Export.Cards;
using OrtDpo.Export.Quantized;
using OrtDpo.Models.Decoders;
using OrtDpo.Runs;
using OrtDpo.Safetensors;

namespace OrtDpo.Export;

/// <summary>How an exported model is written, and what its file says of itself.</summary>
public sealed record ExportOptions
{
    /// <summary>With what the names of the file's metadata begin.</summary>
    public const string MetadataPrefix = WrittenModel.MetadataPrefix;

    /// <summary>Whether the weights lie in <c>model.onnx.data</c> also where they would fit into <c>model.onnx</c>, up to 2 GB.</summary>
    public bool ExternalData { get; init; }

    /// <summary>How attention is written; null: plain. A foreign ONNX model keeps its own.</summary>
    public AttentionForm? Attention { get; init; }

    /// <summary>
    /// What the graph computes in, its cache and logits included: F32, F16 or BF16. A foreign ONNX model keeps its own.
    /// </summary>
    public WeightType Compute { get; init; } = WeightType.F32;

    /// <summary>Digests of what the model was made from, by name: they become the file's metadata.</summary>
    public IReadOnlyDictionary<string, string> Digests { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What may be off; null: what its dtype may. Models of random numbers amplify roundings as no trained one does.</summary>
    internal ParityLimits? Limits { get; init; }

    /// <summary>The model card of the folder, which lies there by now, by its parity; null: it gets none.</summary>
    internal Func<string, ParityReport, ModelCard>? Card { get; init; }

    /// <summary>The file's form.</summary>
    internal WrittenModel Form(string family, string dtype) => new()
    {
        FileLimit = ExternalData ? 0 : WrittenModel.LargestFile,
        ProducerVersion = PackageVersion.Of(typeof(OnnxExport).Assembly),
        Metadata = Metadata(family, dtype),
    };

    /// <summary>Refuses what the graph cannot compute in.</summary>
    /// <param name="linear">What the linear weights of the layers are stored in; null: floats.</param>
    internal void RequireComputable(LinearForm? linear)
    {
        if (Compute != WeightType.F32 && linear is { } form)
        {
            throw new NotSupportedException($"`Compute` is {Compute.ConfigName()}, and the linear weights are "
                + $"{StoredDtype.NameOf(form, isFast: false)}, which multiply in float32 here. Leave one of the two out.");
        }
    }

    SortedDictionary<string, string> Metadata(string family, string dtype)
    {
        var entries = new SortedDictionary<string, string>(
            Digests.ToDictionary(digest => MetadataPrefix + digest.Key, digest => digest.Value, StringComparer.Ordinal),
            StringComparer.Ordinal)
        {
            [CachePorts.FamilyEntry] = family,
            [MetadataPrefix + "dtype"] = dtype,
        };
        if (Compute != WeightType.F32)
        {
            entries[MetadataPrefix + "compute"] = Compute.ConfigName();
        }

        return entries;
    }
}
