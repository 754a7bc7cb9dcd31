namespace OrtDpo.Adapters.Onnx;

/// <summary>
/// An adapter as ONNX Runtime takes it (<c>OrtLoraAdapter</c>): tensors that are fed to a model's inputs of the same names. The format has
/// no place for anything else, such as what model the tensors are of.
/// </summary>
/// <param name="Tensors">The tensors, each name once.</param>
public sealed record OnnxAdapter(IReadOnlyList<OnnxAdapterTensor> Tensors)
{
    /// <summary>With what the names of its files end.</summary>
    public const string Extension = ".onnx_adapter";

    /// <summary>The adapter's own version; whatever its maker likes.</summary>
    public int AdapterVersion { get; init; } = 1;

    /// <summary>The version of the model that it is for; ONNX Runtime 1.31 does not look at it.</summary>
    public int ModelVersion { get; init; } = 1;
}
