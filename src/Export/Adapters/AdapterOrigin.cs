using System.Text.Json.Nodes;
using OrtDpo.Adapters.Onnx;

namespace OrtDpo.Export.Adapters;

/// <summary>
/// What an <c>.onnx_adapter</c> file cannot say of itself; as JSON beside it, under its name with <see cref="Suffix"/>.
/// </summary>
public sealed record AdapterOrigin
{
    /// <summary>What the file's name has behind the adapter's.</summary>
    public const string Suffix = OnnxAdapter.OriginSuffix;

    /// <summary>SHA-256 of the adapter's file.</summary>
    public required string FileDigest { get; init; }

    /// <summary>The identity of the base that it was trained on, as the model's metadata has it under <c>ortdpo.base_digest</c>.</summary>
    public required string BaseDigest { get; init; }

    /// <summary>What its numbers are stored in.</summary>
    public required string Dtype { get; init; }

    /// <summary>What decides the adapter, by PEFT's names, such as its rank; the scale is in its numbers already.</summary>
    public required JsonObject Lora { get; init; }

    /// <summary>The digests of the run's configuration, and that of its checkpoint's weights.</summary>
    public required IReadOnlyDictionary<string, string> Digests { get; init; }

    /// <summary>How far the exported model with it is from the run's policy.</summary>
    public required ParityReport Parity { get; init; }
}
