using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>The micro-batches of rows that take the most memory, whatever order they come in.</summary>
public static class LargestBatches
{
    /// <summary>The largest of a step of the longest rows, and of one of the rows with the most scored tokens.</summary>
    /// <param name="rows">All rows.</param>
    /// <param name="options">Rows of a step and of its micro-batches.</param>
    /// <param name="layout">How the model reads batches.</param>
    /// <param name="mostWhole">
    /// Rows · width² up to which a batch's scores exist whole, where those of larger ones do not: a smaller batch may then take more, if
    /// its scores are kept. Null: there is no such bound.
    /// </param>
    public static IReadOnlyList<PackedBatch> Of(
        IReadOnlyList<TrainingRow> rows, TrainingOptions options, BatchLayout layout, long? mostWhole = null) =>
    [
        .. new Func<TrainingRow, int>[] { row => row.Tokens.PositionsIn(layout), row => row.ScoredTokens }
            .Select(size => rows.OrderByDescending(size).Take(options.BatchPairs))
            .SelectMany(step => Largest([.. MicroBatches.Split(step, options.MicroPairs, layout, options.MicroPositions)]))
            .Concat(layout == BatchLayout.Packed ? Fullest(rows, options, mostWhole) : [])
            .DistinctBy(micro => (micro.Packed.Rows, micro.Packed.Width, micro.Packed.Tokens))
            .Select(micro => micro.Packed),
    ];

    // The longest rows may leave a micro-batch half empty that shorter ones fill.
    static IEnumerable<MicroBatch> Fullest(IReadOnlyList<TrainingRow> rows, TrainingOptions options, long? mostWhole)
    {
        var ordered = rows.OrderByDescending(row => row.Tokens.Length).ToList();
        var pairs = Math.Min(options.MicroPairs ?? int.MaxValue, options.BatchPairs);
        long Count(long width) => options.MicroPairs is null ? Math.Max(1, options.MicroPositions / width) : pairs;
        yield return Adjacent(ordered, pairs, Count, (count, width) => count * width)!;
        if (mostWhole is { } most && Adjacent(
            ordered, pairs, width => Math.Min(Count(width), most / (width * width)), (count, width) => count * width * width) is { } whole)
        {
            yield return whole;
        }
    }

    // Rows that are next to each other in length, as a micro-batch has them; it need not be full, since a step's last is not.
    static MicroBatch? Adjacent(List<TrainingRow> ordered, int pairs, Func<long, long> most, Func<long, long, long> size)
    {
        var (best, first, taken) = (0L, 0, 0);
        for (var i = 0; i < ordered.Count; i++)
        {
            var width = (long)ordered[i].Tokens.Length;
            var count = Math.Min(Math.Min(pairs, ordered.Count - i), most(width));
            if (count > 0 && size(count, width) > best)
            {
                (best, first, taken) = (size(count, width), i, (int)count);
            }
        }

        return taken == 0 ? null : MicroBatch.Of(ordered.GetRange(first, taken), BatchLayout.Packed);
    }

    // By positions, and by scores, which are what counts where they exist whole.
    static IEnumerable<MicroBatch> Largest(List<MicroBatch> step) =>
    [
        .. step.OrderByDescending(micro => micro.Packed.Rows * micro.Packed.Width).Take(2),
        step.MaxBy(micro => micro.Packed.Rows * (long)micro.Packed.Width * micro.Packed.Width)!,
    ];
}
