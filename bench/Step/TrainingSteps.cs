using System.Diagnostics;
using OrtDpo.Train.Engine;
using OrtDpo.Training;

namespace OrtDpo.StepBench;

/// <summary>Steps of the engine on one batch: forward, backward, clip and AdamW.</summary>
static class TrainingSteps
{
    public static Measurement Measure(string folder, string loop, int threads, int steps)
    {
        var pairs = BenchPairs.Read(folder);
        using var engine = StepEngine.Open(folder, new EngineOptions { Threads = threads, KeptLayers = loop == "recomputed" ? 0 : null });
        using var loss = LossSession.Sigmoid(pairs.Beta);
        var rows = pairs.Rows;
        var pass = new StepPass(engine, loss, rows.Length);
        var (seconds, optimizer, losses) = (new double[steps], new double[steps], new double[steps]);
        for (var step = 0; step < steps; step++)
        {
            var start = Stopwatch.GetTimestamp();
            losses[step] = pass.Accumulate(rows).Loss;
            var accumulated = Stopwatch.GetTimestamp();
            // As bench/pytorch/run.py.
            engine.Apply(new OptimizerStep(step + 1, LearningRate: 1e-5f, MaxGradNorm: 1, WeightDecay: 0));
            optimizer[step] = Stopwatch.GetElapsedTime(accumulated).TotalSeconds;
            seconds[step] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        return new(
            Path.GetFileName(folder), loop, threads, seconds, Measurement.OrtDpoVersions, optimizer.Min(), Measurement.OwnPeakMib(),
            losses);
    }
}
