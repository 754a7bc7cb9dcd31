using OrtDpo.Runtime.Attention;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Train.Engine;

/// <summary>What the forward of a layer leaves for its backward.</summary>
/// <param name="Hidden">The layer's input.</param>
/// <param name="Saved">Values that its backward graph reads; empty where it makes them again.</param>
sealed record LayerTape(DeviceTensor Hidden, IReadOnlyDictionary<string, DeviceTensor>? Saved)
{
    /// <summary>Where attention runs in chunks: what the part before it saved, its inputs, and what was read.</summary>
    public (IReadOnlyDictionary<string, DeviceTensor> Saved, Projections Projections, DeviceTensor Read)? Attention { get; init; }
}
