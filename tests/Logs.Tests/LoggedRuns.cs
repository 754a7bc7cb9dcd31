using OrtDpo.Runs;
using OrtDpo.Training;

namespace OrtDpo.Logs.Tests;

/// <summary>Folders and events as a run has them when its loop begins.</summary>
static class LoggedRuns
{
    /// <summary>A configuration with what is hard to send: a quote, a slash, a letter beyond ASCII, a long value.</summary>
    public static RunConfig Config() => new RunConfig()
        .Add("kind", "train")
        .Add("model", "/models/\"größe\"")
        .Add("learning_rate", 1e-6)
        .Add("total_steps", 8)
        .Add("adapter_config", new string('x', 400))
        .Add("policy_digest", "0123abcd");

    /// <summary>Makes <paramref name="folder"/> a run that has begun.</summary>
    public static LoggedRun In(string folder, RunConfig? config = null)
    {
        (config ?? Config()).Write(folder);
        FileJson.Write(Path.Combine(folder, RunEnvironment.FileName), new RunEnvironment
        {
            Ortdpo = "0.1.0", Dotnet = "10.0.0", OnnxRuntime = "1.31.0", OperatingSystem = "Linux", Processor = "a processor", Threads = 2,
            MemoryBytes = 1 << 30,
        });
        return LoggedRun.Of(folder);
    }

    /// <summary>Writes a <c>metrics.jsonl</c>: evaluations, and losses of the steps between them.</summary>
    public static void WriteMetrics(string folder, params object[] parts)
    {
        var (lines, step) = (new List<string>(), 0);
        foreach (var part in parts)
        {
            if (part is TrainingEvent.Evaluated evaluated)
            {
                lines.Add(evaluated.Metrics.ToJson());
                continue;
            }

            foreach (var loss in (double[])part)
            {
                lines.Add(((TrainingEvent.StepDone)Step(++step, loss)).Metrics.ToJson());
            }
        }

        File.WriteAllLines(Path.Combine(folder, MetricsFile.FileName), lines);
    }

    public static TrainingEvent Started(int step, int total = 8) => new TrainingEvent.Started(step, total);

    public static TrainingEvent Step(int step, double loss, int total = 8) => new TrainingEvent.StepDone(
        step, total, Applied: true, new MetricsLine().Add("step", step).Add("loss", loss).Add("rewards/margins", loss / 2));

    public static Finding Found(int step) => new()
    {
        Id = "loss_stuck", Severity = FindingSeverity.Warning, Since = step, Step = step, Holds = true,
        Evidence = "The loss is 0.6931 at every step.", Advice = "Raise `LearningRate`.",
    };

    public static TrainingEvent Evaluated(int step, double loss) => new TrainingEvent.Evaluated(
        step, new MetricsLine().Add("step", step).Add("eval_loss", loss).Add("eval_rewards/accuracies", 0.75));
}
