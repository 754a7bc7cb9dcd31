namespace OrtDpo.Safetensors;

/// <summary>A tensor in native memory that is to be written.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Type">The element type of the memory and of the file.</param>
/// <param name="Shape">The dimensions, slowest first.</param>
/// <param name="Address">The first element; must stay valid while the file is written.</param>
public sealed record TensorSource(string Name, WeightType Type, long[] Shape, nint Address)
{
    /// <summary>Bytes of the tensor.</summary>
    public long ByteCount => Shape.Aggregate((long)Type.ByteSize(), (bytes, dimension) => checked(bytes * dimension));
}
