using OrtDpo.Autodiff.Building;
using OrtDpo.Batches;

namespace OrtDpo.Runtime.Models;

/// <summary>Compute types as graphs have them.</summary>
public static class ComputeTypes
{
    /// <summary>The element type of products.</summary>
    public static DataType ElementType(this ComputeDtype dtype) =>
        dtype == ComputeDtype.BFloat16 ? DataType.BFloat16 : DataType.Float32;

    /// <summary>The compute type of products of an element type.</summary>
    public static ComputeDtype AsComputeDtype(this DataType type) => type switch
    {
        DataType.Float32 => ComputeDtype.Float32,
        DataType.BFloat16 => ComputeDtype.BFloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Models compute in float32 or bfloat16."),
    };
}
