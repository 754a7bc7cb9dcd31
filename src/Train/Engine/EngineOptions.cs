using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Runtime.Attention;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;
using OrtDpo.Safetensors;

namespace OrtDpo.Train.Engine;

/// <summary>How a step engine is set up.</summary>
public sealed record EngineOptions
{
    /// <summary>Where the model lies and runs.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>The type that products compute in: float32, or on a GPU bfloat16. What trains is float32 all the same.</summary>
    public ComputeDtype Dtype { get; init; }

    /// <summary>What of the frozen weights stays in the host's memory.</summary>
    public Offload Offload { get; init; }

    /// <summary>Threads of ONNX Runtime and of the optimizer.</summary>
    public required int Threads { get; init; }

    /// <summary>
    /// Layers, the last ones, whose activations are kept for the backward; those of the others are computed again. On a 100M-parameter
    /// model, none instead of all is a third less memory for a quarter more time. Null: all.
    /// </summary>
    public int? KeptLayers { get; init; }

    /// <summary>
    /// Bytes of attention's scores, <c>[B, heads, S, S]</c>, above which it runs in chunks of queries, and that a chunk's take at most.
    /// </summary>
    public long ScoreBytes { get; init; } = AttentionRows.DefaultScoreBytes;

    /// <summary>The run's bound on a sequence, in tokens, for models whose numbers depend on it; null: the model's.</summary>
    public int? MaxLength { get; init; }

    /// <summary>The longest text that is asked for between steps (<see cref="StepEngine.Logits"/>), in tokens; 0: none.</summary>
    public int LongestText { get; init; }

    /// <summary>What turns gradients into updates.</summary>
    public Optimizer Optimizer { get; init; }

    /// <summary>
    /// The type that checkpoints have their weights in; below 32 bits the optimizer's state has the masters, which train.
    /// </summary>
    public WeightType SaveType { get; init; } = WeightType.F32;

    /// <summary>What stands beside the weights of a checkpoint.</summary>
    public IReadOnlyList<HostFile> Beside { get; init; } = [];
}
