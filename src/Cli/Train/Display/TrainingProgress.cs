using OrtDpo.Runs;
using OrtDpo.Training;

namespace OrtDpo.Cli.Train.Display;

/// <summary>Where a run stands, from what its loop tells.</summary>
sealed class TrainingProgress(TrainingPlan plan, TimeProvider time)
{
    // The first that a run has is its accuracy.
    static readonly string[] Accuracies = ["rewards/accuracies", "mean_token_accuracy"];

    readonly long begun = time.GetTimestamp();
    // When the first step of this process began, and the last ended.
    long firstBegan = time.GetTimestamp();
    long lastEnded;
    long saved;

    /// <summary>The steps.</summary>
    public TrainingPlan Plan => plan;

    /// <summary>Steps that are done, those before a resume among them.</summary>
    public int Step { get; private set; }

    /// <summary>Steps of this process.</summary>
    public int StepsHere { get; private set; }

    /// <summary>Since the loop began, in this process.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(begun);

    /// <summary>
    /// Until the last step is done, if steps take as long as in this process, with evaluations and checkpoints between them. Null
    /// before its first step, and after the last.
    /// </summary>
    public TimeSpan? Left
    {
        get
        {
            if (StepsHere == 0)
            {
                return null;
            }

            var each = time.GetElapsedTime(firstBegan, lastEnded) / StepsHere;
            // What comes after the last step has no measure.
            if (Step == plan.TotalSteps)
            {
                return null;
            }

            var left = (each * (plan.TotalSteps - Step)) - time.GetElapsedTime(lastEnded);
            return left < TimeSpan.Zero ? TimeSpan.Zero : left;
        }
    }

    /// <summary>How fast the last steps were.</summary>
    public StepRates Rates { get; } = new();

    public Curve Loss { get; } = new();

    /// <summary>The share of pairs with a positive margin or, of a supervised run, of tokens foreseen; empty without either.</summary>
    public Curve Accuracy { get; } = new();

    /// <summary>The metrics of the last step; null before the first.</summary>
    public MetricsLine? Last { get; private set; }

    /// <summary>The last evaluation of this process.</summary>
    public TrainingEvent.Evaluated? Evaluated { get; private set; }

    /// <summary>The step of the last checkpoint; null: this process has written none.</summary>
    public int? SavedStep { get; private set; }

    /// <summary>Since that checkpoint.</summary>
    public TimeSpan SinceSaved => time.GetElapsedTime(saved);

    /// <summary>Whether the held-out rows are being scored.</summary>
    public bool IsEvaluating { get; private set; }

    /// <summary>The next evaluation; null: there is none.</summary>
    public int? NextEvaluation => !Evaluates(plan.TotalSteps)
        ? null
        : Next(plan.Options.Evaluation.EvalStrategy == EvaluationTimes.Epoch ? plan.StepsPerEpoch : plan.Options.EvalSteps);

    /// <summary>The next checkpoint by steps; null: the last step is done.</summary>
    public int? NextCheckpoint => Next(plan.Options.SaveSteps ?? plan.TotalSteps);

    /// <summary>The run goes on after <paramref name="step"/>, and <paramref name="earlier"/> are its lines up to there.</summary>
    public void Begin(int step, IEnumerable<MetricsLine> earlier)
    {
        Step = step;
        foreach (var line in earlier)
        {
            Add(line);
        }

        firstBegan = time.GetTimestamp();
    }

    /// <summary>Takes what the loop tells.</summary>
    public void Tell(TrainingEvent told)
    {
        switch (told)
        {
            case TrainingEvent.GatePassed:
                IsEvaluating = Evaluates(0);
                break;
            case TrainingEvent.StepDone step:
                var rows = plan.RowsOf(step.Step);
                var tokens = rows.Sum(row => (long)row.SequenceTokens);
                Rates.Add(rows.Sum(row => row.Terms), tokens, tokens / step.Metrics["tokens_per_second"]);
                (Step, StepsHere, Last, lastEnded) = (step.Step, StepsHere + 1, step.Metrics, time.GetTimestamp());
                Add(step.Metrics);
                IsEvaluating = Evaluates(step.Step);
                break;
            case TrainingEvent.Evaluated evaluated:
                (Evaluated, IsEvaluating) = (evaluated, false);
                break;
            case TrainingEvent.CheckpointWritten written:
                (SavedStep, saved) = (written.Step, time.GetTimestamp());
                break;
        }

        if (StepsHere == 0)
        {
            // The gate, the evaluation before the first step and its answers are behind it.
            firstBegan = time.GetTimestamp();
        }
    }

    void Add(MetricsLine line)
    {
        if (line.Find("loss") is { } loss)
        {
            Loss.Add(loss);
            if (Array.Find(Accuracies, name => line.Find(name) is not null) is { } name)
            {
                Accuracy.Add(line[name]);
            }
        }
    }

    bool Evaluates(int step) => plan.EvalRows.Count > 0 && plan.EvaluatesAfter(step);

    int? Next(int interval) =>
        Step >= plan.TotalSteps ? null : (int)Math.Min(((long)(Step / interval) + 1) * interval, plan.TotalSteps);
}
