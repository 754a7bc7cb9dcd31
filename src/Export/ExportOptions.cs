using OrtDpo.Autodiff.Fragments;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Models.Decoders;
using OrtDpo.Runs;

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

    /// <summary>Digests of what the model was made from, by name: they become the file's metadata.</summary>
    public IReadOnlyDictionary<string, string> Digests { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What may be off; null: what its dtype may. Models of random numbers amplify roundings as no trained one does.</summary>
    internal ParityLimits? Limits { get; init; }

    /// <summary>The file's form.</summary>
    internal WrittenModel Form(string family, string dtype) => new()
    {
        FileLimit = ExternalData ? 0 : WrittenModel.LargestFile,
        ProducerVersion = PackageVersion.Of(typeof(OnnxExport).Assembly),
        Metadata = Metadata(family, dtype),
    };

    SortedDictionary<string, string> Metadata(string family, string dtype) => new(
        Digests.ToDictionary(digest => MetadataPrefix + digest.Key, digest => digest.Value, StringComparer.Ordinal),
        StringComparer.Ordinal)
    {
        [CachePorts.FamilyEntry] = family,
        [MetadataPrefix + "dtype"] = dtype,
    };
}
