namespace OrtDpo.Safetensors;

/// <summary>A tensor in native memory that is to be written.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Type">The element type of the memory.</param>
/// <param name="Shape">The dimensions, slowest first.</param>
/// <param name="Address">The first element; must stay valid while the file is written.</param>
public sealed record TensorSource(string Name, WeightType Type, long[] Shape, nint Address)
{
    /// <summary>
    /// The element type of the file: that of the memory, or F16 or BF16 of an F32, which <see cref="FloatNarrowing"/> makes.
    /// </summary>
    public WeightType SavedAs { get; init; } = Type;

    /// <summary>Bytes of the tensor in the file.</summary>
    public long ByteCount => Shape.Aggregate((long)SavedAs.ByteSize(), (bytes, dimension) => checked(bytes * dimension));
}
