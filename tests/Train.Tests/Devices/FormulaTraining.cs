using OrtDpo.Batches;
using OrtDpo.Models.Tests.Precision;
using OrtDpo.Train.Engine;
using OrtDpo.Train.Tests.Engine;
using OrtDpo.Training;

namespace OrtDpo.Train.Tests.Devices;

/// <summary>An engine taking the steps of <see cref="FormulaSteps"/>.</summary>
/// <param name="Steps">What each found.</param>
/// <param name="Moves">How far each parameter's master went.</param>
sealed record FormulaTraining(FormulaSteps.Step[] Steps, IReadOnlyDictionary<string, double[]> Moves)
{
    /// <summary>Starts from the model itself as the reference, scored by the engine, and takes all steps.</summary>
    public static FormulaTraining Run(FormulaModel model, FormulaSteps golden, EngineOptions options)
    {
        using var folder = new TemporaryFolder();
        model.Save(folder, between: true);
        using var engine = StepEngine.Open(folder.Path, options);
        using var loss = LossSession.Sigmoid(golden.Beta);
        var starts = Masters(engine);
        TrainingRow[][] batches = [.. Enumerable.Range(0, model.Batches).Select(batch => Rows(engine, FormulaModel.Pairs(batch)))];
        var steps = new List<FormulaSteps.Step>();
        for (var number = 1; number <= golden.Exact.Length; number++)
        {
            var rows = batches[(number - 1) % batches.Length];
            var values = engine.Accumulate(loss, rows, rows.Length).Values;
            var update = engine.Apply(
                new OptimizerStep(number, golden.LearningRate, golden.MaxGradNorm, golden.WeightDecay, DecaysVectors: true));
            double[] margins =
                [.. Enumerable.Range(0, rows.Length).Select(i => (double)values.Rewards[i] - values.Rewards[rows.Length + i])];
            steps.Add(new(values.Loss, update.GradNorm, margins));
        }

        var ends = Masters(engine);
        return new([.. steps], ends.ToDictionary(
            m => m.Key, m => m.Value.Zip(starts[m.Key], (end, start) => (double)end - start).ToArray(), StringComparer.Ordinal));
    }

    static Dictionary<string, float[]> Masters(StepEngine engine) =>
        engine.Parameters.Names.ToDictionary(name => name, name => engine.Parameters.Master(name).ToArray<float>(), StringComparer.Ordinal);

    static TrainingRow[] Rows(StepEngine engine, Example[] pairs)
    {
        var batch = ExamplePacking.Pack(pairs, engine.Layout);
        var logps = engine.Score(batch);
        double[] sums = [.. Enumerable.Range(0, batch.Completions).Select(
            i => LogpSum.Of(logps.AsSpan(i * batch.CompletionWidth, batch.CompletionLength(i))))];
        return EngineSteps.Rows(
            pairs, [.. pairs.Select((_, i) => sums[2 * i])], [.. pairs.Select((_, i) => sums[(2 * i) + 1])]);
    }
}
