using OrtDpo.Autodiff.Building;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Runtime.Models;

/// <summary>
/// Between sums, which are float32, and what graphs read, which is in the type that they compute in. Where that is float32 nothing is
/// copied.
/// </summary>
/// <param name="compute">The type that graphs compute in.</param>
public sealed class ComputeCast(DataType compute) : IDisposable
{
    readonly Lazy<TypeCast> narrowing = new(() => new TypeCast(DataType.Float32, compute));
    readonly Lazy<TypeCast> widening = new(() => new TypeCast(compute, DataType.Float32));

    /// <summary>A float32 tensor as graphs read it; the tensor itself goes back where another takes its place.</summary>
    public DeviceTensor ToCompute(DeviceTensor sum, MemoryPurpose purpose, MemoryPool pool) =>
        compute == DataType.Float32 ? sum : Replaced(narrowing.Value, sum, purpose, pool);

    /// <summary>A tensor of a graph as one that is added to; the tensor itself goes back where another takes its place.</summary>
    public DeviceTensor ToSum(DeviceTensor made, MemoryPurpose purpose, MemoryPool pool) =>
        compute == DataType.Float32 ? made : Replaced(widening.Value, made, purpose, pool);

    /// <summary>Writes what graphs read of a float32 weight.</summary>
    public void Write(DeviceTensor weight, DeviceTensor copy, MemoryPool pool) => narrowing.Value.Run(weight, copy, pool);

    public void Dispose()
    {
        foreach (var cast in new[] { narrowing, widening }.Where(c => c.IsValueCreated))
        {
            cast.Value.Dispose();
        }
    }

    static DeviceTensor Replaced(TypeCast cast, DeviceTensor tensor, MemoryPurpose purpose, MemoryPool pool)
    {
        var copy = cast.Copy(tensor, purpose, pool);
        tensor.Dispose();
        return copy;
    }
}
