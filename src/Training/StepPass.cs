using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>
/// Rows through model and loss: with gradients for a step of training, without for held-out rows.
/// The size of micro-batches does not matter.
/// </summary>
/// <param name="engine">The model.</param>
/// <param name="loss">The objective.</param>
/// <param name="microPairs">Rows of a micro-batch; null = by length.</param>
/// <param name="positions">Positions of a micro-batch by length.</param>
public sealed class StepPass(ITrainingEngine engine, ILoss loss, int? microPairs, int positions = MicroBatches.PositionBudget)
{
    /// <summary>Adds the gradient of the mean loss of <paramref name="rows"/>, a whole optimizer step.</summary>
    public RowSums Accumulate(IReadOnlyList<TrainingRow> rows)
    {
        var sums = RowSums.Of(loss.Traits);
        var scales = LossScales.Of(rows);
        var kl = Kl(rows);
        if (loss.Traits.IsStepWide)
        {
            AccumulateStepWide(rows, scales, kl, sums);
            return sums;
        }

        foreach (var micro in MicroBatches.Split(rows, microPairs, engine.Layout, positions))
        {
            engine.Accumulate(micro.Packed, tokenLogps =>
            {
                var scored = new ScoredRows(loss.Traits);
                scored.Add(micro, tokenLogps);
                var values = loss.Evaluate(scored.Inputs(kl), scales);
                sums.Add(scored, values, kl);
                return TokenWeights.Spread(micro, values.Slopes, loss.Traits.LdAlpha);
            });
        }

        return sums;
    }

    /// <summary>Scores <paramref name="rows"/>: the loss is evaluated once over all of them.</summary>
    public RowSums Score(IReadOnlyList<TrainingRow> rows)
    {
        var sums = RowSums.Of(loss.Traits);
        var kl = Kl(rows);
        var scored = Score(MicroBatches.Split(rows, microPairs, engine.Layout, positions));
        sums.Add(scored, loss.Evaluate(scored.Inputs(kl), LossScales.Of(rows)), kl);
        return sums;
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
        var mismatched = rows.Select(r => r with { Tokens = Example.Unjudged(r.Tokens.Prompt, r.Mismatched!.Tokens) });
        foreach (var micro in MicroBatches.Split(mismatched, microPairs, engine.Layout, positions))
        {
            var tokenLogps = engine.Score(micro.Packed);
            foreach (var (row, first) in micro.Placed())
            {
                var own = tokenLogps.AsSpan(first * micro.Packed.CompletionWidth, row.Mismatched!.Tokens.Length);
                sum += LogpSum.Of(own) - row.Mismatched.RefLogps;
            }
        }

        // NaN stays NaN, so that the step is skipped.
        return Math.Max(0, sum / rows.Count);
    }

    // All rows are scored before the first is differentiated, since the slope of one depends on the others.
    void AccumulateStepWide(IReadOnlyList<TrainingRow> rows, LossScales scales, double kl, RowSums sums)
    {
        var micros = MicroBatches.Split(rows, microPairs, engine.Layout, positions).ToList();
        var scored = Score(micros);
        var values = loss.Evaluate(scored.Inputs(kl), scales);
        sums.Add(scored, values, kl);
        var start = 0;
        foreach (var micro in micros)
        {
            var count = micro.Terms;
            var rejected = scored.Terms[start].Rejected is null ? [] : values.Slopes.AsSpan(scored.Terms.Count + start, count);
            float[] slopes = [.. values.Slopes.AsSpan(start, count), .. rejected];
            engine.Accumulate(micro.Packed, _ => TokenWeights.Spread(micro, slopes, loss.Traits.LdAlpha));
            start += count;
        }
    }

    ScoredRows Score(IEnumerable<MicroBatch> micros)
    {
        var scored = new ScoredRows(loss.Traits);
        foreach (var micro in micros)
        {
            scored.Add(micro, engine.Score(micro.Packed));
        }

        return scored;
    }
}
