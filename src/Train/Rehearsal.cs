using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>What a run would do, found by everything that it does before its first step; nothing of it was written.</summary>
/// <param name="Plan">The steps.</param>
/// <param name="StartsAfter">The step after which it would go on; 0: it would begin.</param>
/// <param name="CheckpointBytes">What a checkpoint takes on the disk.</param>
/// <param name="Checkpoints">How many of them lie there at once, the one that is written among them.</param>
/// <param name="FreeBytes">What is free where they would lie; null: the system does not say.</param>
public sealed record Rehearsal(TrainingPlan Plan, int StartsAfter, long CheckpointBytes, int Checkpoints, long? FreeBytes)
{
    /// <summary>The rows of the first step that it would do, by where they come from; empty where all steps are done.</summary>
    public IReadOnlyList<TrainingRow> FirstRows => StartsAfter < Plan.TotalSteps ? Plan.RowsOf(StartsAfter + 1) : [];

    /// <summary>The rows of its last step.</summary>
    public IReadOnlyList<TrainingRow> LastRows => Plan.RowsOf(Plan.TotalSteps);

    /// <summary>What the checkpoints would take at most.</summary>
    public long NeededBytes => CheckpointBytes * Checkpoints;
}
