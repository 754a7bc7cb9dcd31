using OrtDpo.Batches;

namespace OrtDpo.Runtime.Models;

/// <summary>Batches that no batch of rows takes more memory than, where they are scored together in order of their lengths.</summary>
public static class LongestBatches
{
    /// <summary>A batch of the longest rows, and one of those with the most tokens to score.</summary>
    /// <param name="rows">The rows; at least one.</param>
    /// <param name="batchTokens">Positions in a batch; a longer row is a batch of its own.</param>
    /// <param name="layout">How the model reads batches.</param>
    public static IReadOnlyList<PackedBatch> Of(IReadOnlyList<Example> rows, int batchTokens, BatchLayout layout) =>
        [.. new Func<Example, int>[] { row => row.Length, row => row.ScoredTokens }.Select(size =>
        {
            var largest = rows.OrderByDescending(size).ToList();
            return ExamplePacking.Pack([.. largest.Take(Math.Max(1, batchTokens / largest.Max(row => row.Length)))], layout);
        })];
}
