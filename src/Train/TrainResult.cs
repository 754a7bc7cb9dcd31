using OrtDpo.Runs;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>A finished run.</summary>
/// <param name="Folder">The run's folder.</param>
/// <param name="Checkpoint">The last checkpoint, a model folder.</param>
/// <param name="State">The state after the last step.</param>
/// <param name="Evaluations">
/// The metrics of each evaluation of this process, in order; those before a resume are in <c>metrics.jsonl</c>.
/// </param>
public sealed record TrainResult(string Folder, string Checkpoint, TrainerState State, IReadOnlyList<MetricsLine> Evaluations)
{
    /// <summary>What the numbers of the whole run show, in words.</summary>
    public required Diagnosis Diagnosis { get; init; }
}
