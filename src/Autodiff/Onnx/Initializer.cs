using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Onnx;

/// <summary>
/// A weight in native memory that <see cref="OnnxModelWriter"/> writes into a model in place of the input of the same name.
/// </summary>
/// <param name="Name">The input's name.</param>
/// <param name="Type">The input's element type, or 16 bits of floating point for float32, which is then read through a Cast.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Data">Row-major, little-endian elements; must stay valid while the model is written.</param>
public readonly record struct Initializer(string Name, DataType Type, long[] Shape, nint Data)
{
    /// <summary>Size of the data in bytes.</summary>
    public long Bytes => Shape.Aggregate((long)Type.Size(), (size, dim) => size * dim);
}
