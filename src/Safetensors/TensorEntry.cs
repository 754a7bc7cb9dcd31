namespace OrtDpo.Safetensors;

/// <summary>Where one tensor lies in a safetensors file.</summary>
/// <param name="Name">The tensor's name, a Hugging Face parameter name.</param>
/// <param name="Type">The element type on disk.</param>
/// <param name="Shape">The dimensions, slowest first; empty for a scalar.</param>
/// <param name="Offset">Bytes from the start of the file.</param>
/// <param name="ByteCount">Bytes of the tensor.</param>
public sealed record TensorEntry(string Name, WeightType Type, long[] Shape, long Offset, long ByteCount)
{
    /// <summary>Number of elements.</summary>
    public long Count => ByteCount / Type.ByteSize();

    /// <summary>The shape as messages print it: <c>[32, 64]</c>.</summary>
    public string ShapeText => Describe(Shape);

    /// <summary>A shape as messages print it.</summary>
    public static string Describe(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}
