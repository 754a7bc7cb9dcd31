using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>The micro-batches of rows that take the most memory, whatever order they come in.</summary>
public static class LargestBatches
{
    /// <summary>The largest of a step of the longest rows, and of one of the rows with the most scored tokens.</summary>
    /// <param name="rows">All rows.</param>
    /// <param name="options">Rows of a step and of its micro-batches.</param>
    /// <param name="layout">How the model reads batches.</param>
    public static IReadOnlyList<PackedBatch> Of(IReadOnlyList<TrainingRow> rows, TrainingOptions options, BatchLayout layout) =>
    [
        .. new Func<TrainingRow, int>[] { row => row.Tokens.PositionsIn(layout), row => row.ScoredTokens }
            .Select(size => rows.OrderByDescending(size).Take(options.BatchPairs))
            .SelectMany(step => Largest([.. MicroBatches.Split(step, options.MicroPairs, layout, options.MicroPositions)]))
            .DistinctBy(micro => (micro.Packed.Rows, micro.Packed.Width, micro.Packed.Tokens))
            .Select(micro => micro.Packed),
    ];

    // By positions, and by scores, which are what counts where they exist whole.
    static IEnumerable<MicroBatch> Largest(List<MicroBatch> step) =>
    [
        .. step.OrderByDescending(micro => micro.Packed.Rows * micro.Packed.Width).Take(2),
        step.MaxBy(micro => micro.Packed.Rows * (long)micro.Packed.Width * micro.Packed.Width)!,
    ];
}
