using OrtDpo.Runtime.Memory;

namespace OrtDpo.Runtime.Heads;

/// <summary>What the forward of a <see cref="VocabularyHead"/> leaves for its backward.</summary>
/// <param name="Ids"><c>int64 [M]</c>.</param>
/// <param name="LogSum"><c>float32 [M]</c>: the logarithm of the sum of exponentials over the vocabulary.</param>
/// <param name="Target"><c>float32 [M]</c>: the logit of each row's token.</param>
public sealed record VocabularyTape(NativeTensor Ids, NativeTensor LogSum, NativeTensor Target) : IDisposable
{
    /// <summary>Logits of each part and chunk in their order; empty where they are made again.</summary>
    internal Queue<NativeTensor> Kept { get; } = [];

    /// <summary><c>float32 [M, H]</c>: the gradient of the rows for slopes of 1; null where it was not asked for.</summary>
    internal NativeTensor? RowsGradient { get; init; }

    public void Dispose()
    {
        RowsGradient?.Dispose();
        Ids.Dispose();
        LogSum.Dispose();
        Target.Dispose();
        foreach (var kept in Kept)
        {
            kept.Dispose();
        }
    }
}
