using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>Rows that go through the model together.</summary>
/// <param name="Rows">The rows, in the batch's order.</param>
/// <param name="Packed">The same rows, packed.</param>
public sealed record MicroBatch(IReadOnlyList<TrainingRow> Rows, PackedBatch Packed)
{
    /// <summary>Summands that the rows give a loss.</summary>
    public int Terms => Rows.Sum(row => row.Terms);

    public static MicroBatch Of(IReadOnlyList<TrainingRow> rows, BatchLayout layout = BatchLayout.Packed) =>
        new(rows, ExamplePacking.Pack([.. rows.Select(r => r.Tokens)], layout));

    /// <summary>Each row with the place of its first completion among those of the batch.</summary>
    public IEnumerable<(TrainingRow Row, int FirstCompletion)> Placed()
    {
        var first = 0;
        foreach (var row in Rows)
        {
            yield return (row, first);
            first += row.Tokens.Completions.Count;
        }
    }
}
