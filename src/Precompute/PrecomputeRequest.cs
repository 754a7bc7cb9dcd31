using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Models.Quantized;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Precompute;

/// <summary>What stage 1 is asked to do.</summary>
public sealed record PrecomputeRequest
{
    /// <summary>The reference: a Hugging Face model folder.</summary>
    public required string Model { get; init; }

    /// <summary>The folder of an adapter that lies on it; null: none.</summary>
    public string? Adapter { get; init; }

    /// <summary>How the weights of its layers are held.</summary>
    public BaseWeights Base { get; init; } = BaseWeights.AsStored;

    /// <summary>Whether the base in 4 bits is written beside the cache, to be read in place of being quantised again.</summary>
    public bool KeepBase { get; init; }

    /// <summary>Preference pairs, or unpaired feedback.</summary>
    public required DataSettings Data { get; init; }

    /// <summary>Which prompts are this run's.</summary>
    public Shard Shard { get; init; } = Shard.Whole;

    /// <summary>Older caches whose scores are taken where the row keys agree.</summary>
    public IReadOnlyList<string> Reuse { get; init; } = [];

    /// <summary>Where the reference lies and scores.</summary>
    public DeviceChoice Device { get; init; } = DeviceChoice.Cpu;

    /// <summary>The type that the reference computes in, and the policy that is trained against it.</summary>
    public ComputeDtype Dtype { get; init; }

    /// <summary>What of its weights lies in the host's memory, where the device is another.</summary>
    public OffloadChoice Offload { get; init; } = new();

    /// <summary>Threads to score with.</summary>
    public required int Threads { get; init; }

    /// <summary>Whether to run although the plan says that the memory does not suffice.</summary>
    public bool Force { get; init; }

    /// <summary>The cache's folder.</summary>
    public required string Out { get; init; }

    /// <summary>
    /// Ends the scoring early, behind the batch that is scored: the parts that are written stay, and an
    /// <see cref="OperationCanceledException"/> is thrown.
    /// </summary>
    public CancellationToken Stop { get; init; }
}
