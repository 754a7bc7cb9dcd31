using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Engine;

/// <summary>Whole batches through an engine and a loss, in the order of their rows.</summary>
static class EngineSteps
{
    /// <summary>The loss's values and the token log-probabilities, without gradients.</summary>
    public static (LossValues Values, float[] TokenLogps) Score(this ITrainingEngine engine, ILoss loss, TrainingRow[] rows)
    {
        var micro = MicroBatch.Of(rows, engine.Layout);
        var tokenLogps = engine.Score(micro.Packed);
        return (Values(loss, micro, tokenLogps, rows.Length), tokenLogps);
    }

    /// <summary>The same, with the gradient of the mean over <paramref name="stepRows"/> rows accumulated.</summary>
    public static (LossValues Values, float[] TokenLogps) Accumulate(
        this ITrainingEngine engine, ILoss loss, TrainingRow[] rows, int stepRows)
    {
        var micro = MicroBatch.Of(rows, engine.Layout);
        LossValues? values = null;
        var tokenLogps = engine.Accumulate(micro.Packed, logps =>
        {
            values = Values(loss, micro, logps, stepRows);
            return TokenWeights.Spread(micro, values.Slopes, alpha: 1);
        });
        return (values!, tokenLogps);
    }

    /// <summary>Rows of <paramref name="pairs"/> with the reference's sums.</summary>
    public static TrainingRow[] Rows(IReadOnlyList<Batches.Example> pairs, double[] refChosen, double[] refRejected) =>
        [.. pairs.Select((p, i) => new TrainingRow([""], p, [new(refChosen[i], []), new(refRejected[i], [])], "rows", i + 1))];

    static LossValues Values(ILoss loss, MicroBatch micro, float[] tokenLogps, int stepRows)
    {
        var scored = new ScoredRows(loss.Traits);
        scored.Add(micro, tokenLogps);
        return loss.Evaluate(scored.Inputs(kl: 0), new LossScales(1.0 / stepRows, 1));
    }
}
