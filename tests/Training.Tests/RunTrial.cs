using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Training.Tests;

/// <summary>A training run in a folder of its own, made to be killed and resumed.</summary>
sealed class RunTrial : IDisposable
{
    public static readonly TrainingOptions Options = new()
    {
        LearningRate = 0.05,
        Epochs = 2,
        BatchPairs = 4,
        MicroPairs = 2,
        SaveSteps = 2,
        EvalSteps = 3,
        Seed = 7,
    };

    readonly string configuration;

    public RunTrial()
    {
        configuration = Path.Combine(Folder, "config.json");
        File.WriteAllText(configuration, "{}");
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("ortdpo-").FullName;

    public List<TrainingEvent> Events { get; } = [];

    /// <summary>The step after whose checkpoint a run dies; null: it does not.</summary>
    public int? DyingAfterCheckpointOf { get; set; }

    /// <summary>What the policy answers at evaluations; null: it is asked nothing.</summary>
    public Func<BigramEngine, IReadOnlyList<SampledAnswer>>? Answers { get; init; }

    public TrainerState Run(
        BigramEngine engine,
        TrainingOptions? options = null,
        TrainingRow[]? rows = null,
        ILoss? loss = null,
        bool startsAsReference = false,
        int? resumeStep = null,
        Action<TrainingEvent>? report = null,
        CancellationTokenSource? stop = null) =>
        new TrainingLoop(
            engine, loss ?? FormulaLoss.Sigmoid(), Plan(options ?? Options, rows ?? TrainingRows.Pairs(18)), Folder, new TickingTime())
        {
            ModelFiles = [configuration],
            Report = told =>
            {
                Tell(told);
                report?.Invoke(told);
            },
            StartsAsReference = startsAsReference,
            ResumeStep = resumeStep,
            Stop = stop?.Token ?? default,
            Answers = Answers is { } answers ? _ => answers(engine) : null,
        }.Run();

    void Tell(TrainingEvent told)
    {
        Events.Add(told);
        if (told is TrainingEvent.CheckpointWritten { Step: var step } && step == DyingAfterCheckpointOf)
        {
            throw new DiedException();
        }
    }

    // Held-out rows of the same kind as the others.
    static TrainingPlan Plan(TrainingOptions options, TrainingRow[] rows) =>
        new(options, rows, rows[0].Tokens.Kind == RowKind.Pair ? TrainingRows.Pairs(5, "eval.jsonl") : TrainingRows.Supervised(5));

    public string[] MetricsLines() => File.ReadAllLines(Path.Combine(Folder, "metrics.jsonl"));

    /// <summary>Every file of the run with its contents.</summary>
    public SortedDictionary<string, string> Contents()
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(Folder, "*", SearchOption.AllDirectories))
        {
            files.Add(Path.GetRelativePath(Folder, file), Convert.ToHexString(File.ReadAllBytes(file)));
        }

        return files;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    internal sealed class DiedException : Exception;
}
