using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>Rows that go through the model together.</summary>
/// <param name="Rows">The rows, in the batch's order.</param>
/// <param name="Packed">The same rows, packed.</param>
public sealed record MicroBatch(IReadOnlyList<TrainingRow> Rows, PackedBatch Packed)
{
    public static MicroBatch Of(IReadOnlyList<TrainingRow> rows, BatchLayout layout = BatchLayout.Packed) =>
        new(rows, PairPacking.Pack([.. rows.Select(r => r.Tokens)], layout));
}
