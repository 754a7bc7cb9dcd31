using OrtDpo.Runs;

namespace OrtDpo.Training;

/// <summary>What the loop tells while it runs, for a progress bar and for lines on the screen.</summary>
public abstract record TrainingEvent
{
    /// <summary>The run goes on after <paramref name="Step"/>; 0 = there is no checkpoint, it starts from the beginning.</summary>
    public sealed record Started(int Step, int TotalSteps) : TrainingEvent;

    /// <summary>The step-0 gate held.</summary>
    public sealed record GatePassed(GateReport Gate) : TrainingEvent;

    /// <summary>A step is done; <paramref name="Applied"/> is false where its gradient was not finite and the update was skipped.</summary>
    public sealed record StepDone(int Step, int TotalSteps, bool Applied, MetricsLine Metrics) : TrainingEvent;

    /// <summary>The held-out rows were scored.</summary>
    public sealed record Evaluated(int Step, MetricsLine Metrics) : TrainingEvent;

    /// <summary>A checkpoint is on the disk.</summary>
    public sealed record CheckpointWritten(int Step, string Path) : TrainingEvent;
}
