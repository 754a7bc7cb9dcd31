namespace OrtDpo.Core.Training;

/// <summary>
/// Before the first step, where the policy is the reference, the <em>training</em> graph must reproduce the cache: a fault in tokens, masks,
/// weights or numerics shows here, and not as a model that learns nothing.
/// </summary>
public static class StepZeroGate
{
    /// <summary>Allowed per token, nats, in float32. Batching alone moves a token by 5e-5.</summary>
    public const double TokenTolerance = 2e-4;

    const int SamplePairs = 32;

    /// <summary>Allowed per completion of <paramref name="tokens"/> tokens, nats, in float32.</summary>
    public static double SequenceTolerance(int tokens) => 1e-3 + (1e-5 * tokens);

    /// <summary>Scores a sample of the training rows and compares it with the cache.</summary>
    /// <param name="engine">The engine, before its first update.</param>
    /// <param name="plan">Training rows with reference log-probabilities, and beta.</param>
    /// <param name="expectedLoss">The loss of a pair whose reward margin is 0: ln 2 for the sigmoid loss.</param>
    /// <exception cref="InvalidDataException">The graph and the cache disagree; the message names the worst row and token.</exception>
    public static GateReport Check(ITrainingEngine engine, TrainingPlan plan, double expectedLoss)
    {
        var measured = new GateMeasurement(plan.Options.Beta);
        foreach (var micro in MicroBatches.Split(Sample(plan), plan.Options.MicroPairs, engine.Layout))
        {
            measured.Add(micro, engine.Score(micro.Batch));
        }

        return measured.Fault(expectedLoss) is { } fault
            ? throw new InvalidDataException(
                $"The step-0 gate failed: {fault} The cache does not belong to this model, or the graph is at fault; run precompute again.")
            : measured.Report();
    }

    // The longest rows accumulate the most error; the rest are drawn by the seed.
    static IEnumerable<TrainingRow> Sample(TrainingPlan plan)
    {
        var rows = plan.TrainRows;
        var longest = Enumerable.Range(0, rows.Count).OrderByDescending(i => rows[i].Tokens.Length).Take(SamplePairs / 4);
        return longest.Concat(DataOrder.Permutation(rows.Count, plan.Options.Seed, epoch: 0)).Distinct().Take(SamplePairs).Select(i => rows[i]);
    }
}
