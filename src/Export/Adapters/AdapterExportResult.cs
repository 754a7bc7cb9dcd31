namespace OrtDpo.Export.Adapters;

/// <summary>An exported base and the adapters for it.</summary>
/// <param name="Model">The path of its <c>model.onnx</c>.</param>
/// <param name="Base">The folder of the base.</param>
/// <param name="Dtype">
/// What weights are stored in, such as <c>bfloat16</c> or <c>nf4</c>. Where the base is quantised, its
/// embedding, head, norms and biases are floats.
/// </param>
/// <param name="Terms">What the adapters are stored in.</param>
/// <param name="IsDtypeOfBase">Whether that is what the base was held in, and nothing else was asked for.</param>
/// <param name="Parity">How far the model without an adapter is from the base, on the rows of the first run.</param>
/// <param name="Adapters">The adapters, in the order of the runs.</param>
public sealed record AdapterExportResult(
    string Model, string Base, string Dtype, string Terms, bool IsDtypeOfBase, ParityReport Parity,
    IReadOnlyList<ExportedAdapter> Adapters)
{
    /// <summary>Whether embedding and head are quantised too.</summary>
    public bool HasQuantizedHead { get; init; }

    /// <summary>What ONNX Runtime GenAI cannot do with the folder, or does otherwise; each a sentence.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
