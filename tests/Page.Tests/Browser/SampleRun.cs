using System.Text.Json;
using OrtDpo.Adapters;
using OrtDpo.Data;
using OrtDpo.Precompute;
using OrtDpo.Train;
using OrtDpo.Training;

namespace OrtDpo.Page.Tests.Browser;

/// <summary>Runs of the step engine on the first pairs of the demo model, all of them in each step.</summary>
static class SampleRun
{
    /// <summary>Pairs, and so pairs of a step.</summary>
    public const int Pairs = 8;

    /// <summary>The learning rate, the same in every step.</summary>
    public const double LearningRate = 5e-4;

    /// <summary>The demo model's folder.</summary>
    public static string Model => Repository.Find("models", "demo");

    /// <summary>A file of the pairs.</summary>
    public static string Data(TemporaryFolder folder) => folder.Write(
        "pairs.jsonl", string.Join('\n', File.ReadLines(Path.Combine(Model, "data", "train.jsonl")).Take(Pairs)));

    /// <summary>An adapter of the tests.</summary>
    public static LoraConfig Lora => new() { TargetModules = ModuleChoice.AllLinear, Rank = 8, Alpha = 16 };

    /// <summary>Trains.</summary>
    /// <returns>The run's folder, and the losses of its steps.</returns>
    public static (string Run, double[] Losses) Train(TemporaryFolder folder, LoraConfig? lora, int steps)
    {
        var cache = folder.File("cache");
        var threads = 1;
        PrecomputeStage.Run(
            new PrecomputeRequest
            {
                Model = Model, Out = cache, Threads = threads, Data = new DataSettings { Files = DataSource.FromPaths([Data(folder)]) },
            },
            _ => { });
        var run = folder.File("run");
        PreferenceTraining.Run(
            new TrainRequest
            {
                Model = Model, Out = run, Threads = threads, Lora = lora,
                Options = new TrainingOptions
                {
                    LearningRate = LearningRate, BatchPairs = Pairs, MaxSteps = steps,
                    Optimization = new OptimizationOptions { LrSchedulerType = "constant" },
                },
            },
            cache, _ => { });
        var losses = File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.TryGetProperty("loss", out _)).Select(line => line.GetProperty("loss").GetDouble());
        return (run, [.. losses]);
    }
}
