using OrtDpo.Batches;

namespace OrtDpo.Data.Cache;

/// <summary>Scores the batches of a plan.</summary>
static class BatchScoring
{
    /// <summary>The log-probabilities of every completion's tokens, example by example, scored in one call.</summary>
    internal static IReadOnlyList<IReadOnlyList<float[]>> Score(IReadOnlyList<Example> examples, IScorer scorer)
    {
        var packed = ExamplePacking.Pack(examples, scorer.Layout);
        var logps = scorer.Score(packed);
        if (logps.Length != packed.Completions * packed.CompletionWidth)
        {
            throw new InvalidOperationException(
                $"The scorer returned {logps.Length} numbers for {packed.Completions} x {packed.CompletionWidth} completion tokens.");
        }

        var row = 0;
        return [.. examples.Select(example => (IReadOnlyList<float[]>)[.. example.Completions.Select(
            completion => logps.AsSpan(row++ * packed.CompletionWidth, completion.Length).ToArray())])];
    }

    /// <summary>The rows of <paramref name="batch"/>, one batch of a plan.</summary>
    /// <exception cref="InvalidDataException">A score is not a finite number; the message names the row.</exception>
    internal static IEnumerable<CachedRow> Rows(IReadOnlyList<PlannedExample> batch, IScorer scorer) =>
        batch.Zip(Score([.. batch.Select(planned => planned.Scored)], scorer)).SelectMany(scored => scored.First.WithLogps(scored.Second));
}
