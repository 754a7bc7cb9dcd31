using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>What the loop tells while it runs, for a progress bar and for lines on the screen.</summary>
public abstract record TrainingEvent
{
    /// <summary>The run goes on after <paramref name="Step"/>; 0 = there is no checkpoint, it starts from the beginning.</summary>
    public sealed record Started(int Step, int TotalSteps) : TrainingEvent
    {
        /// <summary>Whether the run ended there before its last step, and ends again; see <see cref="NothingBetter"/>.</summary>
        public bool IsOver { get; init; }
    }

    /// <summary>The step-0 gate held.</summary>
    public sealed record GatePassed(GateReport Gate) : TrainingEvent;

    /// <summary>A step is done; <paramref name="Applied"/> is false where its gradient was not finite and the update was skipped.</summary>
    public sealed record StepDone(int Step, int TotalSteps, bool Applied, MetricsLine Metrics) : TrainingEvent;

    /// <summary>The held-out rows were scored.</summary>
    public sealed record Evaluated(int Step, MetricsLine Metrics) : TrainingEvent;

    /// <summary>The policy answered prompts, after the evaluation of the same step.</summary>
    public sealed record Sampled(int Step, IReadOnlyList<SampledAnswer> Answers) : TrainingEvent;

    /// <summary>The checkpoint of <paramref name="Step"/> is the best so far by <paramref name="Metric"/>, and is kept.</summary>
    public sealed record BestFound(int Step, string Metric, double Value) : TrainingEvent;

    /// <summary>
    /// The run ends after <paramref name="Step"/>: so many evaluations in a row were no better by <paramref name="Metric"/>.
    /// <paramref name="BestStep"/> and <paramref name="BestValue"/> are those of the best one; null where the metric never was a number.
    /// </summary>
    public sealed record NothingBetter(int Step, string Metric, int Evaluations, int? BestStep, double? BestValue) : TrainingEvent;

    /// <summary>A checkpoint is on the disk.</summary>
    public sealed record CheckpointWritten(int Step, string Path) : TrainingEvent;

    /// <summary>
    /// A checkpoint was not written, and the run goes on; it tries again at the next. <paramref name="Reason"/> is a part of a sentence;
    /// <paramref name="Newest"/> is the checkpoint that there is, or null.
    /// </summary>
    public sealed record CheckpointFailed(int Step, string Reason, string? Newest) : TrainingEvent;

    /// <summary>
    /// A checkpoint was found damaged: <paramref name="Reason"/> is a sentence. It lies under <paramref name="Path"/> now, and the run goes
    /// on from an older one.
    /// </summary>
    public sealed record CheckpointDamaged(int Step, string Reason, string Path) : TrainingEvent;

    /// <summary>What the run made after <paramref name="Step"/>, from which it goes on, lies in <paramref name="Folder"/> now.</summary>
    public sealed record PutAside(int Step, string Folder) : TrainingEvent;

    /// <summary>
    /// Which checkpoint is the best could not be written after <paramref name="Step"/>; it is tried again behind the next checkpoint.
    /// <paramref name="Reason"/> is a part of a sentence.
    /// </summary>
    public sealed record BestFailed(int Step, string Reason) : TrainingEvent;

    /// <summary>
    /// Which checkpoint is the best could not be read, and is found anew in the run's metrics; <paramref name="Reason"/> is a sentence.
    /// </summary>
    public sealed record BestDamaged(string Reason) : TrainingEvent;

    /// <summary>
    /// Metrics cannot be written, and wait in memory until they can; <paramref name="Reason"/> is a part of a sentence.
    /// </summary>
    public sealed record MetricsWait(string Reason) : TrainingEvent;

    /// <summary>The metrics that waited are written.</summary>
    public sealed record MetricsWritten : TrainingEvent;
}
