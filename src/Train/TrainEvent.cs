using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>What stage 2 tells while it runs, in this order. What is refused is refused before the first of them.</summary>
public abstract record TrainEvent
{
    /// <summary>The run's folder is made or opened, and everything is decided.</summary>
    /// <param name="Plan">The steps.</param>
    /// <param name="ModelNotes">What the model's reader has to say of it.</param>
    /// <param name="Device">What it runs on.</param>
    /// <param name="Dtype">The type that products are computed in.</param>
    /// <param name="Memory">What the run takes; null where nobody planned it: with the on-device engine.</param>
    /// <param name="Layout">How the model reads batches.</param>
    /// <param name="Adapter">What trains, where it is an adapter; null: the model's own weights.</param>
    public sealed record Begun(
        TrainingPlan Plan, IReadOnlyList<string> ModelNotes, ChosenDevice Device, ComputeDtype Dtype, EngineMemory? Memory,
        BatchLayout Layout, string? Adapter)
        : TrainEvent;

    /// <summary>The rows of a run without a reference.</summary>
    /// <param name="Data">The rows and their ledger.</param>
    /// <param name="IsFound">Whether they are the resumed run's own.</param>
    /// <param name="Conversations">How messages are written; null where rows are text.</param>
    public sealed record DataReady(RunData Data, bool IsFound, Conversations? Conversations) : TrainEvent;

    /// <summary>The step-0 gate does not apply: the policy does not start as the cache's reference.</summary>
    public sealed record GateSkipped(string PolicyDigest, string ReferenceDigest) : TrainEvent;

    /// <summary>A resumed run does something otherwise than before.</summary>
    /// <param name="Difference">What it is.</param>
    public sealed record ResumedOtherwise(RunDifference Difference) : TrainEvent;

    /// <summary>The loop begins.</summary>
    public sealed record LoopStarted(int TotalSteps) : TrainEvent;

    /// <summary>What the loop tells.</summary>
    public sealed record Loop(TrainingEvent Told) : TrainEvent;

    /// <summary>What a log beside <c>metrics.jsonl</c> could not keep, in a sentence; the run goes on.</summary>
    public sealed record LogNote(string Text) : TrainEvent;

    /// <summary>The numbers show something of the run: for the first time, or it has become worse.</summary>
    public sealed record Found(Finding Finding) : TrainEvent;

    /// <summary>The last step is done.</summary>
    public sealed record LoopEnded : TrainEvent;

    /// <summary>What the numbers of the whole run show.</summary>
    public sealed record Diagnosed(Diagnosis Diagnosis) : TrainEvent;
}
