using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Attention;

/// <summary>Queries <c>[B, S, heads, D]</c>, keys and values <c>[B, S, groups, D]</c> of all tokens, or their gradients.</summary>
public sealed record Projections(DeviceTensor Query, DeviceTensor Key, DeviceTensor Value) : IDisposable
{
    /// <summary>Those among the outputs of the part of a layer before attention.</summary>
    public static Projections Of(IReadOnlyDictionary<string, DeviceTensor> outputs) =>
        new(outputs[AttentionCut.Query], outputs[AttentionCut.Key], outputs[AttentionCut.Value]);

    /// <summary>Zeros in the same shapes: keys' and values' in float32, to be added to.</summary>
    public Projections Zeros(MemoryPool pool)
    {
        return new(Like(Query, Query.Type), Like(Key, DataType.Float32), Like(Value, DataType.Float32));

        DeviceTensor Like(DeviceTensor tensor, DataType type) => DeviceTensor.Zeros(pool, MemoryPurpose.Attention, type, tensor.Shape);
    }

    public void Dispose()
    {
        Query.Dispose();
        Key.Dispose();
        Value.Dispose();
    }
}
