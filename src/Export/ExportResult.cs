using OrtDpo.Safetensors;

namespace OrtDpo.Export;

/// <summary>An exported model.</summary>
/// <param name="Model">The path of its <c>model.onnx</c>.</param>
/// <param name="Checkpoint">The checkpoint that it was made from.</param>
/// <param name="IsHeldOut">Whether it was compared on held-out rows, and not, for want of them, on training rows.</param>
/// <param name="Parity">How far it is from the policy.</param>
/// <param name="Dtype">
/// What its weights are stored in, such as <c>bfloat16</c> or <c>int4</c>. What is quantised is the linear weights
/// of the layers: embedding, head, norms and biases are floats.
/// </param>
/// <param name="IsDtypeOfBase">Whether that is what the run's base was held in, and nothing else was asked for.</param>
public sealed record ExportResult(
    string Model, string Checkpoint, bool IsHeldOut, ParityReport Parity, string Dtype, bool IsDtypeOfBase)
{
    /// <summary>Whether embedding and head are quantised too.</summary>
    public bool HasQuantizedHead { get; init; }

    /// <summary>What ONNX Runtime GenAI cannot do with the folder, or does otherwise; each a sentence.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What it computes in.</summary>
    public WeightType Compute { get; init; } = WeightType.F32;
}
