using OrtDpo.Batches;

namespace OrtDpo.Data.Cache;

/// <summary>Scores the batches of a plan.</summary>
static class BatchScoring
{
    /// <summary>The rows of <paramref name="batch"/>, scored in one call.</summary>
    /// <param name="kind">What the rows are.</param>
    /// <param name="batch">One batch of the plan.</param>
    /// <param name="scorer">The reference.</param>
    /// <exception cref="InvalidDataException">A score is not a finite number; the message names the row.</exception>
    internal static IEnumerable<CachedRow> Score(CacheKind kind, IReadOnlyList<PlannedPair> batch, IScorer scorer)
    {
        var packed = PairPacking.Pack([.. batch.Select(planned => planned.Tokens)], scorer.Layout);
        var logps = scorer.Score(packed);
        if (logps.Length != packed.Completions * packed.CompletionWidth)
        {
            throw new InvalidOperationException(
                $"The scorer returned {logps.Length} numbers for {packed.Completions} x {packed.CompletionWidth} completion tokens.");
        }

        return batch.SelectMany((planned, i) => Rows(kind, planned, new TokenLogps(
            Row(logps, packed.CompletionWidth, i, planned.Tokens.Chosen.Length),
            Row(logps, packed.CompletionWidth, batch.Count + i, planned.Tokens.Rejected.Length))));
    }

    /// <summary>The rows of <paramref name="planned"/>, whose scores are <paramref name="logps"/>.</summary>
    internal static IEnumerable<CachedRow> Rows(CacheKind kind, PlannedPair planned, TokenLogps logps)
    {
        var (first, second) = kind.Rows == RowKind.Pair ? ("chosen", "rejected") : ("given", "mismatched");
        RequireFinite(planned, first, logps.Chosen);
        RequireFinite(planned, second, logps.Rejected);
        return kind.RowsOf(planned, logps);
    }

    static float[] Row(float[] logps, int width, int row, int length) => logps.AsSpan(row * width, length).ToArray();

    static void RequireFinite(PlannedPair planned, string completion, float[] logps)
    {
        for (var i = 0; i < logps.Length; i++)
        {
            if (!float.IsFinite(logps[i]))
            {
                var origin = planned.Rows[0];
                throw new InvalidDataException(FormattableString.Invariant(
                    $"{origin.Source}:{origin.SourceRow}: the reference scores token {i} of the {completion} completion as {logps[i]}; ")
                    + "expected a finite log-probability. The model's weights or its configuration are wrong.");
            }
        }
    }
}
