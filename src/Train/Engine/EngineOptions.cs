using OrtDpo.Models;
using OrtDpo.Safetensors;

namespace OrtDpo.Train.Engine;

/// <summary>How a step engine is set up.</summary>
public sealed record EngineOptions
{
    /// <summary>Threads of ONNX Runtime and of the optimizer.</summary>
    public required int Threads { get; init; }

    /// <summary>
    /// Recompute activations in the backward instead of keeping them: on a 100M-parameter model a third less memory
    /// for a quarter more time.
    /// </summary>
    public bool Recompute { get; init; }

    /// <summary>The run's bound on a sequence, in tokens, for models whose numbers depend on it; null: the model's.</summary>
    public int? MaxLength { get; init; }

    /// <summary>
    /// The type that checkpoints have their weights in; below 32 bits the optimizer's state has the masters, which train.
    /// </summary>
    public WeightType SaveType { get; init; } = WeightType.F32;

    /// <summary>What stands beside the weights of a checkpoint.</summary>
    public IReadOnlyList<HostFile> Beside { get; init; } = [];
}
