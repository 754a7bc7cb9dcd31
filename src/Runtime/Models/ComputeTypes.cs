using OrtDpo.Autodiff.Building;
using OrtDpo.Batches;

namespace OrtDpo.Runtime.Models;

/// <summary>Compute types as graphs have them.</summary>
public static class ComputeTypes
{
    /// <summary>The element type of products.</summary>
    public static DataType ElementType(this ComputeDtype dtype) =>
        dtype == ComputeDtype.BFloat16 ? DataType.BFloat16 : DataType.Float32;
}
