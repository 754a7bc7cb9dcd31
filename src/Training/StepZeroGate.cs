using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>
/// Before the first step, where the policy is the reference, the <em>training</em> graph must reproduce the cache: a fault in tokens,
/// masks, weights or numerics shows here, and not as a model that learns nothing.
/// </summary>
public static class StepZeroGate
{
    const int SampleRows = 32;

    /// <summary>Scores a sample of the training rows and compares it with the cache.</summary>
    /// <param name="engine">The engine, before its first update.</param>
    /// <param name="loss">
    /// The objective, with a reference. The sample must have its base value, or where that depends on the rows,
    /// the value at the cache's log-probabilities.
    /// </param>
    /// <param name="plan">Training rows with reference log-probabilities.</param>
    /// <exception cref="InvalidDataException">The graph and the cache disagree; the message names the worst row and token.</exception>
    public static GateReport Check(ITrainingEngine engine, ILoss loss, TrainingPlan plan)
    {
        var rows = Sample(plan);
        var measured = new GateMeasurement(loss.Traits, engine.Tolerance);
        var scored = new ScoredRows(loss.Traits);
        foreach (var micro in MicroBatches.Split(rows, plan.Options.MicroPairs, engine.Layout, plan.Options.MicroPositions))
        {
            var tokenLogps = engine.Score(micro.Packed);
            measured.Add(micro, tokenLogps);
            scored.Add(micro, tokenLogps);
        }

        var kl = new StepPass(engine, loss, plan.Options.MicroPairs, plan.Options.MicroPositions).Kl(rows);
        var (inputs, scales) = (scored.Inputs(kl), LossScales.Of(rows));
        // Where the value depends on the rows (their labels, a likelihood), it is what the loss makes of the cache's own numbers.
        var expected = loss.Traits.BaseLoss ?? loss.Evaluate(inputs with { Logps = inputs.RefLogps, Kl = 0 }, scales).Loss;
        measured.Add(scored, loss.Evaluate(inputs, scales), kl, expected);
        return measured.Fault() is { } fault
            ? throw new InvalidDataException(
                $"The step-0 gate failed: {fault} The cache does not belong to this model, or the graph is at fault; run precompute again.")
            : measured.Report();
    }

    // Drawn by the seed.
    static List<TrainingRow> Sample(TrainingPlan plan)
    {
        var rows = plan.TrainRows;
        var order = DataOrder.Permutation(rows.Count, plan.Options.Seed, epoch: 0);
        return [.. RowSample.Of(Enumerable.Range(0, rows.Count), i => rows[i].Tokens.Length, order, SampleRows).Select(i => rows[i])];
    }
}
