using OrtDpo.Objectives;

namespace OrtDpo.Artifacts.Graphs;

/// <summary>What artifacts of a model are to be.</summary>
public sealed record ArtifactOptions
{
    /// <summary>
    /// What is minimised; null: the loss is outside, the training model takes its slopes (<see cref="ArtifactPorts.Slopes"/>), and the eval
    /// model gives log-probabilities alone.
    /// </summary>
    public Objective? Objective { get; init; }

    /// <summary>What turns gradients into updates.</summary>
    public ArtifactOptimizer Optimizer { get; init; } = new();

    /// <summary>Whether a model that makes next-token logits is written, too.</summary>
    public bool HasLogits { get; init; }

    /// <summary>
    /// Whether the checkpoint's tensors lie beside it, in <c>checkpoint.data</c>, as they always do above 2 GB: for hosts that load it by
    /// its path.
    /// </summary>
    public bool ExternalData { get; init; }

    /// <summary>Whether the checkpoint has names alone, and takes its numbers from a buffer on the device.</summary>
    public bool IsNominal { get; init; }

    /// <summary>What a new adapter's numbers were drawn from, for the manifest; null: there is no new one.</summary>
    public ulong? Seed { get; init; }
}
