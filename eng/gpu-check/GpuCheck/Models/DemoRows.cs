using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.GpuCheck.Running;
using OrtDpo.Precompute;
using OrtDpo.Train;
using OrtDpo.Training;

namespace OrtDpo.GpuCheck.Models;

/// <summary>Pairs of the demo model with what it says of them on the processor: the cache that precompute writes, made once.</summary>
static class DemoRows
{
    const int Pairs = 320, BatchPairs = 16;

    /// <summary>Steps over the pairs.</summary>
    public static TrainingPlan Plan(CheckRun run, int steps, double learningRate) => new(
        new TrainingOptions
        {
            BatchPairs = BatchPairs, MaxSteps = steps, LearningRate = learningRate, SaveSteps = Math.Max(1, steps / 2), EvalSteps = steps,
        },
        CachedRows.Of(ReferenceCache.Open(Cache(run)), Split.Train), []);

    static string Cache(CheckRun run)
    {
        var cache = Path.Combine(run.Places.Work, "demo-cache");
        if (!File.Exists(Path.Combine(run.Places.Work, "demo-cache.made")))
        {
            var data = Path.Combine(run.Places.Fresh("demo-data"), "pairs.jsonl");
            File.WriteAllLines(data, File.ReadLines(Path.Combine(run.Places.Demo, "data", "train.jsonl")).Take(Pairs));
            run.Places.Fresh("demo-cache");
            PrecomputeStage.Run(
                new PrecomputeRequest
                {
                    Model = run.Places.Demo, Data = new DataSettings { Files = DataSource.FromPaths([data]) }, Threads = run.Threads,
                    Out = cache,
                },
                _ => { });
            File.WriteAllText(Path.Combine(run.Places.Work, "demo-cache.made"), "");
        }

        return cache;
    }
}
