using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Heads;

/// <summary>What the forward of a <see cref="VocabularyHead"/> leaves for its backward.</summary>
/// <param name="Ids"><c>int64 [M]</c>.</param>
/// <param name="Sums">
/// <c>float32 [2, M]</c>: <see cref="LogSum"/> and <see cref="Target"/>; or <c>[3, M]</c>, with <see cref="Largest"/>.
/// </param>
public sealed record VocabularyTape(DeviceTensor Ids, DeviceTensor Sums) : IDisposable
{
    /// <summary><c>float32 [M]</c>: the logarithm of the sum of exponentials over the vocabulary.</summary>
    public DeviceTensor LogSum { get; } = Sums.Flat(0, Ids.Elements);

    /// <summary><c>float32 [M]</c>: the logit of each row's token.</summary>
    public DeviceTensor Target { get; } = Sums.Flat(Ids.Elements, Ids.Elements);

    /// <summary><c>float32 [M]</c>: the largest logit of each row; null where it was not asked for.</summary>
    internal DeviceTensor? Largest { get; } = Sums.Shape[0] == 3 ? Sums.Flat(2 * Ids.Elements, Ids.Elements) : null;

    /// <summary>Logits of each part and chunk in their order; empty where they are made again.</summary>
    internal Queue<DeviceTensor> Kept { get; } = [];

    /// <summary><c>float32 [M, H]</c>: the gradient of the rows for slopes of 1; null where it was not asked for.</summary>
    internal DeviceTensor? RowsGradient { get; init; }

    public void Dispose()
    {
        RowsGradient?.Dispose();
        Ids.Dispose();
        LogSum.Dispose();
        Target.Dispose();
        Largest?.Dispose();
        Sums.Dispose();
        foreach (var kept in Kept)
        {
            kept.Dispose();
        }
    }
}
