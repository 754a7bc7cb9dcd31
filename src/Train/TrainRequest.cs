using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>What a training run is asked to do.</summary>
public sealed record TrainRequest
{
    /// <summary>The policy: a model folder.</summary>
    public required string Model { get; init; }

    /// <summary>The run's folder.</summary>
    public required string Out { get; init; }

    /// <summary>What is minimised.</summary>
    public required LossChoice Loss { get; init; }

    public required TrainingOptions Options { get; init; }

    /// <summary>Threads of the engine.</summary>
    public required int Threads { get; init; }

    /// <summary>Whether activations are computed twice and not kept.</summary>
    public required bool Recompute { get; init; }

    /// <summary>Whether to go on with the run in <see cref="Out"/>.</summary>
    public required bool Resume { get; init; }
}
