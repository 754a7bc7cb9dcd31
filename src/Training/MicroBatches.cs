using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>Divides rows into micro-batches of similar length.</summary>
public static class MicroBatches
{
    /// <summary>
    /// Positions of a micro-batch, padding included, where its size is not given: enough to keep matrix products busy, little enough that
    /// the activations of small models fit a laptop.
    /// </summary>
    public const int PositionBudget = 4096;

    /// <summary>
    /// The same over a base in 4 bits, whose activations are most of what is left: such runs save memory, and lose no time, since they have
    /// no products for the gradients of large weights.
    /// </summary>
    public const int SmallPositionBudget = 2048;

    /// <summary>
    /// Where rows are stacked, the length at which a micro-batch of <see cref="PositionBudget"/> positions begins to hold fewer: such a
    /// model's graph makes the scores of whole rows at once, and from here on, with heads of 64 features, they outgrow the other
    /// activations (2 · heads · S numbers a position against some 20 · hidden). Packed rows have their attention in chunks.
    /// </summary>
    public const int ScoredWidth = 512;

    /// <summary>Longest rows first, so that the largest micro-batch comes first and memory grows once.</summary>
    /// <param name="rows">The rows; the result depends on their order only among rows of equal length.</param>
    /// <param name="microPairs">
    /// Pairs, or rows that are no pairs, of a micro-batch, or one row of more; null = by <paramref name="positions"/>, and by the square of
    /// the length from <see cref="ScoredWidth"/> on.
    /// </param>
    /// <param name="layout">How the model reads batches.</param>
    /// <param name="positions">Positions of a micro-batch, padding included; one row may have more.</param>
    public static IEnumerable<MicroBatch> Split(
        IEnumerable<TrainingRow> rows, int? microPairs, BatchLayout layout, int positions = PositionBudget)
    {
        var batch = new List<TrainingRow>();
        foreach (var row in rows.OrderByDescending(r => r.Tokens.PositionsIn(layout)))
        {
            var isFull = microPairs is { } size
                ? batch.Count > 0 && batch.Sum(r => r.Terms) + row.Terms > size
                : batch.Count > 0 && !Fits([.. batch, row], layout, positions);
            if (isFull)
            {
                yield return MicroBatch.Of(batch, layout);
                batch = [];
            }

            batch.Add(row);
        }

        if (batch.Count > 0)
        {
            yield return MicroBatch.Of(batch, layout);
        }
    }

    static bool Fits(List<TrainingRow> batch, BatchLayout layout, int budget)
    {
        var positions = (long)batch.Count * batch[0].Tokens.PositionsIn(layout);
        return positions <= budget && (layout == BatchLayout.Packed
            || positions * batch.Max(row => row.Tokens.WidthIn(layout)) <= (long)budget * ScoredWidth);
    }
}
