using OrtDpo.Safetensors;

namespace OrtDpo.Artifacts.Checkpoints;

/// <summary>
/// A checkpoint of ONNX Runtime's on-device training, file format "ODTC" of version 2, which ONNX Runtime 1.18.0 to 1.19.2 read and write:
/// the parameters of the training model, what its optimizer knows of them, and named values for whoever runs it.
/// </summary>
/// <param name="Trainable">The parameters that train (<c>requires_grad_params</c>): exactly those that the training model trains.</param>
/// <param name="Frozen">The parameters that do not, and still are inputs of the models (<c>frozen_params</c>).</param>
public sealed record OnDeviceCheckpoint(IReadOnlyList<TensorSource> Trainable, IReadOnlyList<TensorSource> Frozen)
{
    /// <summary>
    /// What the optimizer knows: none before its first step, or the one group that ONNX Runtime has, of all parameters that train.
    /// </summary>
    public IReadOnlyList<OptimizerGroup> Groups { get; init; } = [];

    /// <summary>Named values, which the runtime keeps and does not look at.</summary>
    public PropertyBag Properties { get; init; } = PropertyBag.Empty;

    /// <summary>
    /// Whether it has names and types alone: a session begins from it and takes its numbers from a buffer. Shapes are not written either;
    /// those of a checkpoint that was read are empty, and reading its tensors is an error.
    /// </summary>
    public bool IsNominal { get; init; }

    /// <summary>Maps a checkpoint into memory, every offset in it checked.</summary>
    /// <param name="path">The file; its tensors may lie beside it, in <c>path.data</c>.</param>
    /// <exception cref="FileNotFoundException">There is no such file, or it has its tensors beside it and they are not there.</exception>
    /// <exception cref="InvalidDataException">The file is no checkpoint, or is damaged; the message says where.</exception>
    /// <exception cref="NotSupportedException">It is of another version, or a tensor is of a type that is not read here.</exception>
    public static MappedCheckpoint Open(string path) => MappedCheckpoint.Open(path);

    /// <summary>
    /// Writes the checkpoint: complete, or what was there before stays; a kill between two files leaves none. A nominal one has no tensors
    /// to be beside it.
    /// </summary>
    /// <param name="path">The file; what is there is replaced.</param>
    /// <param name="external">
    /// Whether the tensors are put beside it, in <c>path.data</c>: without the limit of 2 GB, and for runtimes that load it by its path.
    /// </param>
    /// <exception cref="ArgumentException">Names, types or shapes do not fit together.</exception>
    /// <exception cref="NotSupportedException">The file would be larger than the 2 GB that its format has.</exception>
    public void Write(string path, bool external = false) => CheckpointWriter.Write(path, this, external);
}
