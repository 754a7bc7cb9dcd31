using OrtDpo.Runs;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;
using OrtDpo.Ship.Thresholds;

namespace OrtDpo.Ship;

/// <summary>What the release gate is asked to judge.</summary>
public sealed record ReleaseRequest
{
    /// <summary>The run's folder.</summary>
    public required string Run { get; init; }

    /// <summary>Which of its checkpoints is judged; null: the newest.</summary>
    public CheckpointChoice? Checkpoint { get; init; }

    /// <summary>The folder that the run was exported to, as a host loads it.</summary>
    public required string Export { get; init; }

    /// <summary>What is asked of them.</summary>
    public ReleaseThresholds Thresholds { get; init; } = new();

    /// <summary>
    /// The folder of the reference, or of the model that training started from; null: where the run's configuration says that it lies.
    /// </summary>
    public string? Reference { get; init; }

    /// <summary>The data files as they are now, to be compared with those that the run was made of; none: they are not looked at.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>Where models run; the exported one runs on the processor, as in a host.</summary>
    public DeviceChoice Device { get; init; } = DeviceChoice.Cpu;

    /// <summary>What of their weights lies in the host's memory, where the device is another.</summary>
    public OffloadChoice Offload { get; init; } = new();

    /// <summary>Threads of ONNX Runtime.</summary>
    public required int Threads { get; init; }
}
