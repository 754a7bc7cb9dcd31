using OrtDpo.Adapters;
using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Models.Quantized;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;
using OrtDpo.Training;

namespace OrtDpo.Train.Planning;

/// <summary>What is to be planned.</summary>
public sealed record PlanRequest
{
    /// <summary>The model folder.</summary>
    public required string Model { get; init; }

    /// <summary>A new adapter that would train in place of the model's own weights; null: these, or <see cref="Adapter"/>.</summary>
    public LoraConfig? Lora { get; init; }

    /// <summary>The folder of an adapter that would train on; null: none.</summary>
    public string? Adapter { get; init; }

    /// <summary>How the weights of the model's layers are held under an adapter.</summary>
    public BaseWeights Base { get; init; } = BaseWeights.AsStored;

    /// <summary>The rows: of any kind.</summary>
    public required DataSettings Data { get; init; }

    /// <summary>Pairs of a step and of its micro-batches.</summary>
    public TrainingOptions Options { get; init; } = new();

    /// <summary>What would turn gradients into updates.</summary>
    public Optimizer Optimizer { get; init; }

    /// <summary>What becomes of activations between forward and backward.</summary>
    public ActivationMemory Memory { get; init; }

    /// <summary>Where the stages would run.</summary>
    public DeviceChoice Device { get; init; } = DeviceChoice.Cpu;

    /// <summary>The type that products would be computed in.</summary>
    public ComputeDtype Dtype { get; init; }

    /// <summary>
    /// Bytes of a GPU's free memory to plan for, which need not be in this machine; null: the device's that is here. Nothing is measured.
    /// </summary>
    public long? GpuMemory { get; init; }

    /// <summary>What of the frozen weights would lie in the host's memory, where the device is another.</summary>
    public OffloadChoice Offload { get; init; } = new();

    /// <summary>Threads of the engine.</summary>
    public required int Threads { get; init; }

    /// <summary>Whether one micro-batch of the rows is run to measure the time; it takes the memory that is planned.</summary>
    public bool Measure { get; init; } = true;
}
