using OrtDpo.Models.Quantized;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Precompute;

/// <summary>What is verified.</summary>
/// <param name="Folder">A reference cache, or the folder of a run.</param>
/// <param name="Model">The model to score a sample with; null = none.</param>
/// <param name="Sample">Pairs of the sample.</param>
/// <param name="Threads">Threads to score with.</param>
public sealed record VerifyRequest(string Folder, string? Model, int Sample, int Threads)
{
    /// <summary>The folder of an adapter that lies on the model; null: none.</summary>
    public string? Adapter { get; init; }

    /// <summary>How the weights of the model's layers are held.</summary>
    public BaseWeights Base { get; init; } = BaseWeights.AsStored;

    /// <summary>Where the sample is scored.</summary>
    public DeviceChoice Device { get; init; } = DeviceChoice.Cpu;

    /// <summary>What of the model's weights lies in the host's memory, where the device is another.</summary>
    public OffloadChoice Offload { get; init; } = new();
}
