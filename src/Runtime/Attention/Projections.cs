using OrtDpo.Autodiff.Fragments;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Attention;

/// <summary>Queries <c>[B, S, heads, D]</c>, keys and values <c>[B, S, groups, D]</c> of all tokens, or their gradients.</summary>
public sealed record Projections(DeviceTensor Query, DeviceTensor Key, DeviceTensor Value) : IDisposable
{
    /// <summary>Those among the outputs of the part of a layer before attention.</summary>
    public static Projections Of(IReadOnlyDictionary<string, DeviceTensor> outputs) =>
        new(outputs[AttentionCut.Query], outputs[AttentionCut.Key], outputs[AttentionCut.Value]);

    /// <summary>Zeros in the same shapes.</summary>
    public Projections Zeros(MemoryPool pool)
    {
        return new(Like(Query), Like(Key), Like(Value));

        DeviceTensor Like(DeviceTensor tensor) => DeviceTensor.Zeros(pool, MemoryPurpose.Attention, tensor.Type, tensor.Shape);
    }

    public void Dispose()
    {
        Query.Dispose();
        Key.Dispose();
        Value.Dispose();
    }
}
