using OrtDpo.Runtime.Devices;

namespace OrtDpo.Runtime.Memory;

/// <summary>A device's memory by what it is for, where it was most, and what the pool held for it.</summary>
/// <param name="Purposes">Bytes by purpose at the moment of the largest sum.</param>
/// <param name="Held">The most bytes of memory of the process's own: blocks in use and the holes between them.</param>
public sealed record MemoryUse(IReadOnlyDictionary<MemoryPurpose, long> Purposes, long Held)
{
    /// <summary>
    /// What CUDA takes of a GPU for a process's context, its libraries and their workspaces, whatever the model: an estimate, which was
    /// not measured on a GPU yet.
    /// </summary>
    public const long Context = 450L << 20;

    /// <summary>
    /// What a process takes that has loaded .NET, ONNX Runtime and this library, and runs a model of nothing: measured, with its garbage
    /// (bench/results).
    /// </summary>
    public const long Runtime = 96L << 20;

    /// <summary>Whose memory it is.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>What a stage takes of the host's memory beside a device's; 0 where the device is the host.</summary>
    public long Beside { get; private init; }

    /// <summary>What there is beside the pool's blocks.</summary>
    public long Fixed => Device.IsHost ? Runtime : Context;

    /// <summary>Bytes of files that are mapped and only read: the system's cache, which it may take back.</summary>
    public long Mapped => Purposes[MemoryPurpose.WeightsMapped];

    /// <summary>Bytes of the host's memory that weights of the device's are copied from.</summary>
    public long Pinned => Purposes[MemoryPurpose.WeightsPinned];

    /// <summary>Bytes between blocks in use, where these were most.</summary>
    public long Holes => Math.Max(0, Held - (Purposes.Values.Sum() - Mapped - Pinned));

    /// <summary>Memory of the process's own: <see cref="Held"/> and <see cref="Fixed"/>.</summary>
    public long Own => Held + Fixed;

    /// <summary>
    /// What a stage takes beside it that reads data, writes files and tells of it, without its tokenizer: measured on runs of the command
    /// line, whose peaks were 20 to 35 MB above the plan without it.
    /// </summary>
    public const long Stage = 32L << 20;

    /// <summary>This in a stage of that tokenizer, in bytes.</summary>
    public MemoryUse InStage(long tokenizer) => Device.IsHost
        ? new(new Dictionary<MemoryPurpose, long>(Purposes) { [MemoryPurpose.Program] = Stage + tokenizer }, Held + Stage + tokenizer)
        : this with { Beside = Runtime + Stage + tokenizer + Pinned };

    /// <summary>All of it: on the host, what the process's resident set comes to at most.</summary>
    public long Total => Own + Mapped;
}
