using System.Text.Json.Serialization;

namespace OrtDpo.Runs;

/// <summary>
/// <c>trainer_state.json</c> of a checkpoint: all that a run needs, beside the engine's state, to go on as if it had never stopped.
/// </summary>
public sealed record TrainerState
{
    public const string FileName = "trainer_state.json";

    /// <summary>The version of this file's format.</summary>
    public const int CurrentFormat = 1;

    public required int Format { get; init; }

    /// <summary>Steps that are done. With the seed it gives epoch, position, order and learning rate of the next.</summary>
    public required int Step { get; init; }

    public required int TotalSteps { get; init; }

    public required int StepsPerEpoch { get; init; }

    public required int WarmupSteps { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>Steps whose gradient was not finite; the optimizer counts without them.</summary>
    public required int SkippedSteps { get; init; }

    /// <summary>Skipped steps up to this one without an update between them.</summary>
    public required int SkippedInARow { get; init; }

    /// <summary>Tokens of the sequences that were trained on.</summary>
    public required long TrainedTokens { get; init; }

    /// <summary>Bytes of <c>metrics.jsonl</c> when the checkpoint was written.</summary>
    public required long MetricsBytes { get; init; }

    /// <summary>
    /// Whether the evaluation after this step is still to be made: the run was stopped in its middle. Not in the file where it is not.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool EvaluationDue { get; init; }

    /// <summary>The identity of the rows and their order.</summary>
    public required string DataDigest { get; init; }

    /// <summary>SHA-256 of each other file of the checkpoint, by its path within it.</summary>
    public required SortedDictionary<string, string> Files { get; init; }
}
