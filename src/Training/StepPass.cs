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
    readonly ScoringPass scoring = new(engine, loss, microPairs, positions);

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

    /// <inheritdoc cref="ScoringPass.Score(IReadOnlyList{TrainingRow})"/>
    public RowSums Score(IReadOnlyList<TrainingRow> rows) => scoring.Score(rows);

    /// <inheritdoc cref="ScoringPass.Kl"/>
    public double Kl(IReadOnlyList<TrainingRow> rows) => scoring.Kl(rows);

    // All rows are scored before the first is differentiated, since the slope of one depends on the others.
    void AccumulateStepWide(IReadOnlyList<TrainingRow> rows, LossScales scales, double kl, RowSums sums)
    {
        var micros = MicroBatches.Split(rows, microPairs, engine.Layout, positions).ToList();
        var scored = scoring.Score(micros);
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
}
