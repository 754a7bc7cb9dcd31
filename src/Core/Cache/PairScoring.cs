using OrtDpo.Core.Batches;

namespace OrtDpo.Core.Cache;

/// <summary>Scores planned pairs and lays the numbers out as rows of the cache.</summary>
internal static class PairScoring
{
    /// <summary>The rows of <paramref name="batch"/>, scored in one call.</summary>
    /// <param name="batch">Pairs of one batch of the plan.</param>
    /// <param name="layout">How the reference reads batches.</param>
    /// <param name="score">A packed batch to its token log-probabilities, <c>float32 [R, T]</c>, nats.</param>
    /// <exception cref="InvalidDataException">A score is not a finite number; the message names the row.</exception>
    internal static IEnumerable<CachedPair> Score(IReadOnlyList<PlannedPair> batch, BatchLayout layout, Func<PackedBatch, float[]> score)
    {
        var packed = PairPacking.Pack([.. batch.Select(pair => pair.Tokens)], layout);
        var logps = score(packed);
        if (logps.Length != packed.Completions * packed.CompletionWidth)
        {
            throw new InvalidOperationException(
                $"The scorer returned {logps.Length} numbers for {packed.Completions} x {packed.CompletionWidth} completion tokens.");
        }

        return batch.SelectMany((pair, i) => Rows(pair, new TokenLogps(
            Row(logps, packed.CompletionWidth, i, pair.Tokens.Chosen.Length),
            Row(logps, packed.CompletionWidth, batch.Count + i, pair.Tokens.Rejected.Length))));
    }

    /// <summary>The rows of <paramref name="pair"/>, whose scores are <paramref name="logps"/>.</summary>
    internal static IEnumerable<CachedPair> Rows(PlannedPair pair, TokenLogps logps)
    {
        var (chosen, rejected) = logps;
        RequireFinite(pair, "chosen", chosen);
        RequireFinite(pair, "rejected", rejected);
        var (chosenSum, rejectedSum) = (CachedPair.Sum(chosen), CachedPair.Sum(rejected));
        return pair.Rows.Select(row => new CachedPair
        {
            RowKey = pair.RowKey,
            Source = row.Source,
            SourceRow = row.SourceRow,
            Split = row.Split,
            Tokens = pair.Tokens,
            RefChosenLogps = chosenSum,
            RefRejectedLogps = rejectedSum,
            RefChosenTokenLogps = chosen,
            RefRejectedTokenLogps = rejected,
        });
    }

    static float[] Row(float[] logps, int width, int row, int length) => logps.AsSpan(row * width, length).ToArray();

    static void RequireFinite(PlannedPair pair, string completion, float[] logps)
    {
        for (var i = 0; i < logps.Length; i++)
        {
            if (!float.IsFinite(logps[i]))
            {
                var row = pair.Rows[0];
                throw new InvalidDataException(FormattableString.Invariant(
                    $"{row.Source}:{row.SourceRow}: the reference scores token {i} of the {completion} completion as {logps[i]}; ")
                    + "expected a finite log-probability. The model's weights or its configuration are wrong.");
            }
        }
    }
}
