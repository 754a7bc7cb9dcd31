using OrtDpo.Adapters;
using OrtDpo.Batches;
using OrtDpo.Logs;
using OrtDpo.Models.Quantized;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;
using OrtDpo.Safetensors;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>What a training run is asked to do.</summary>
public sealed record TrainRequest
{
    /// <summary>The policy: a model folder.</summary>
    public required string Model { get; init; }

    /// <summary>A new adapter to train in place of the model's own weights; null: these train, or <see cref="Adapter"/>.</summary>
    public LoraConfig? Lora { get; init; }

    /// <summary>The folder of an adapter to train on, in place of the model's own weights; null: none.</summary>
    public string? Adapter { get; init; }

    /// <summary>How the weights of the model's layers are held under an adapter.</summary>
    public BaseWeights Base { get; init; } = BaseWeights.AsStored;

    /// <summary>The run's folder.</summary>
    public required string Out { get; init; }

    /// <summary>What is minimised.</summary>
    public LossChoice Loss { get; init; } = LossChoice.Dpo;

    /// <summary>Steps, learning rate, batches, and how often is evaluated and saved.</summary>
    public TrainingOptions Options { get; init; } = new();

    /// <summary>Who is told of the run's metrics beside <c>metrics.jsonl</c>.</summary>
    public LogOptions Logs { get; init; } = new();

    /// <summary>What runs the model and its gradient.</summary>
    public EngineKind Engine { get; init; }

    /// <summary>
    /// With <see cref="EngineKind.OnDevice"/>: ONNX Runtime's native library of 1.19.2, built with training; null: it is looked for beside
    /// the engine's program and where NuGet puts the package Microsoft.ML.OnnxRuntime.Training 1.19.2.
    /// </summary>
    public string? OnDeviceLibrary { get; init; }

    /// <summary>Where the model lies and runs.</summary>
    public DeviceChoice Device { get; init; } = DeviceChoice.Cpu;

    /// <summary>
    /// The type that products are computed in; null: that of the cache, which it must be, and float32 where there is none. What trains is
    /// float32 all the same.
    /// </summary>
    public ComputeDtype? Dtype { get; init; }

    /// <summary>What of the frozen weights lies in the host's memory, where the device is another.</summary>
    public OffloadChoice Offload { get; init; } = new();

    /// <summary>Threads of the engine.</summary>
    public required int Threads { get; init; }

    /// <summary>What turns gradients into updates.</summary>
    public Optimizer Optimizer { get; init; }

    /// <summary>What becomes of activations between forward and backward.</summary>
    public ActivationMemory Memory { get; init; }

    /// <summary>Whether to run although the plan says that the memory does not suffice.</summary>
    public bool Force { get; init; }

    /// <summary>
    /// The type that checkpoints have their weights in: F32, BF16 or F16. What trains is float32 whatever it is, and lies with the
    /// optimizer's state where the checkpoint is narrower.
    /// </summary>
    public WeightType SaveDtype { get; init; } = WeightType.F32;

    /// <summary>Whether unpaired feedback may have one label only.</summary>
    public bool AcceptOneLabel { get; init; }

    /// <summary>Whether to go on with the run in <see cref="Out"/>, where it has a checkpoint.</summary>
    public bool Resume { get; init; }

    /// <summary>
    /// With <see cref="Resume"/>: the step whose checkpoint the run goes on from; what is newer is put aside. null: the newest that is
    /// whole.
    /// </summary>
    public int? ResumeStep { get; init; }

    /// <summary>
    /// Ends the run early: it finishes its step, saves, and throws an <see cref="OperationCanceledException"/>.
    /// </summary>
    public CancellationToken Stop { get; init; }
}
