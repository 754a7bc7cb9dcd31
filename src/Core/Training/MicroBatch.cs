using OrtDpo.Core.Batches;

namespace OrtDpo.Core.Training;

/// <summary>Rows that go through the model together.</summary>
/// <param name="Rows">The rows, in the batch's order.</param>
/// <param name="Batch">The same rows, packed.</param>
public sealed record MicroBatch(IReadOnlyList<TrainingRow> Rows, TrainingBatch Batch)
{
    public static MicroBatch Of(IReadOnlyList<TrainingRow> rows, BatchLayout layout = BatchLayout.Packed) => new(
        rows,
        new TrainingBatch(
            PairPacking.Pack([.. rows.Select(r => r.Tokens)], layout),
            [.. rows.Where(r => r.Reference is not null).Select(r => r.Reference!.Chosen)],
            [.. rows.Where(r => r.Reference is not null).Select(r => r.Reference!.Rejected)]));
}
