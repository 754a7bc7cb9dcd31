namespace OrtDpo.Safetensors;

/// <summary>A tensor that is to be written, in native memory or wherever its reader finds it.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Type">The element type of the memory.</param>
/// <param name="Shape">The dimensions, slowest first.</param>
/// <param name="Address">The first element; must stay valid while the file is written. 0 where there is a reader.</param>
public sealed record TensorSource(string Name, WeightType Type, long[] Shape, nint Address)
{
    /// <summary>
    /// The element type of the file: that of the memory, or F16 or BF16 of an F32, which <see cref="FloatNarrowing"/> makes.
    /// </summary>
    public WeightType SavedAs { get; init; } = Type;

    /// <summary>Copies the elements from where the host cannot read them; null: they are at the address.</summary>
    public TensorReader? Reader { get; init; }

    /// <summary>Bytes of the tensor in the file.</summary>
    public long ByteCount => Shape.Aggregate((long)SavedAs.ByteSize(), (bytes, dimension) => checked(bytes * dimension));

    /// <summary>Copies bytes of the tensor as it lies in memory, wherever that is.</summary>
    /// <param name="offset">The first byte to copy, within the tensor.</param>
    /// <param name="target">Room for as many bytes as are wanted.</param>
    public unsafe void Read(long offset, Span<byte> target)
    {
        if (Reader is { } reader)
        {
            reader(offset, target);
        }
        else
        {
            new ReadOnlySpan<byte>((byte*)Address + offset, target.Length).CopyTo(target);
        }
    }
}
