using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>Rows through model and loss, forward only. The size of micro-batches does not matter.</summary>
/// <param name="scorer">The model.</param>
/// <param name="loss">The objective.</param>
/// <param name="microPairs">Rows of a micro-batch; null = by length.</param>
/// <param name="positions">Positions of a micro-batch by length.</param>
public sealed class ScoringPass(IScorer scorer, ILoss loss, int? microPairs, int positions = MicroBatches.PositionBudget)
{
    /// <summary>Scores <paramref name="rows"/>: the loss is evaluated once over all of them.</summary>
    public RowSums Score(IReadOnlyList<TrainingRow> rows)
    {
        var sums = RowSums.Of(loss.Traits);
        var (scored, values, kl) = ScoreEach(rows);
        sums.Add(scored, values, kl);
        return sums;
    }

    /// <summary>
    /// The same for who wants to know of each summand: what was scored, what the loss says of it, and KTO's reference point.
    /// </summary>
    public (ScoredRows Scored, LossValues Values, double Kl) ScoreEach(IReadOnlyList<TrainingRow> rows)
    {
        var kl = Kl(rows);
        var scored = new ScoredRows(loss.Traits);
        foreach (var micro in MicroBatches.Split(rows, microPairs, scorer.Layout, positions))
        {
            scored.Add(micro, scorer.ScoreTokens(micro.Packed));
        }

        return (scored, loss.Evaluate(scored.Inputs(kl), LossScales.Of(rows)), kl);
    }

    /// <summary>
    /// KTO's reference point: the mean of policy − reference on mismatched completions, not below 0; arXiv:2402.01306, section 4.1.
    /// </summary>
    public double Kl(IReadOnlyList<TrainingRow> rows)
    {
        if (!loss.Traits.NeedsKl)
        {
            return 0;
        }

        var sum = 0.0;
        foreach (var micro in MicroBatches.Split(Mismatched(rows), microPairs, scorer.Layout, positions))
        {
            var tokenLogps = scorer.Score(micro.Packed);
            foreach (var (row, first) in micro.Placed())
            {
                var own = tokenLogps.AsSpan(first * micro.Packed.CompletionWidth, row.Mismatched!.Tokens.Length);
                sum += LogpSum.Of(own) - row.Mismatched.RefLogps;
            }
        }

        // NaN stays NaN, so that the step is skipped.
        return Math.Max(0, sum / rows.Count);
    }

    /// <summary>The rows that go through the model for <paramref name="rows"/>, of which each batch is a part.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="traits">What the objective is like.</param>
    public static IReadOnlyList<TrainingRow> Seen(IReadOnlyList<TrainingRow> rows, LossTraits traits) =>
        traits.NeedsKl ? [.. rows, .. Mismatched(rows)] : rows;

    /// <summary>Scores micro-batches in their order.</summary>
    internal ScoredRows Score(IEnumerable<MicroBatch> micros)
    {
        var scored = new ScoredRows(loss.Traits);
        foreach (var micro in micros)
        {
            scored.Add(micro, scorer.Score(micro.Packed));
        }

        return scored;
    }

    static IEnumerable<TrainingRow> Mismatched(IReadOnlyList<TrainingRow> rows) =>
        rows.Select(row => row with { Tokens = Example.Unjudged(row.Tokens.Prompt, row.Mismatched!.Tokens) });
}
