using OrtDpo.Autodiff.Building;

namespace OrtDpo.Runtime.Memory;

/// <summary>Numbers that are to be held somewhere.</summary>
/// <param name="Type">The type that they are held in.</param>
/// <param name="Shape">Their dimensions.</param>
/// <param name="Write">Writes them to memory of the host's that has room for them.</param>
sealed record HeldArray(DataType Type, long[] Shape, Action<nint> Write)
{
    /// <summary>Bytes that they take.</summary>
    public long Bytes => Shape.Aggregate((long)Type.Size(), (bytes, size) => bytes * size);
}
