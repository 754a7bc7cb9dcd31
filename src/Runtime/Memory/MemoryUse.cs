namespace OrtDpo.Runtime.Memory;

/// <summary>Native memory by what it is for, where it was most, and what the pool held for it.</summary>
/// <param name="Purposes">Bytes by purpose at the moment of the largest sum.</param>
/// <param name="Held">The most bytes of memory of the process's own: blocks in use and the holes between them.</param>
public sealed record MemoryUse(IReadOnlyDictionary<MemoryPurpose, long> Purposes, long Held)
{
    /// <summary>
    /// What a process takes that has loaded .NET, ONNX Runtime and this library, and runs a model of nothing: measured, with its garbage
    /// (bench/results).
    /// </summary>
    public const long Runtime = 96L << 20;

    /// <summary>Bytes of files that are mapped and only read: the system's cache, which it may take back.</summary>
    public long Mapped => Purposes[MemoryPurpose.WeightsMapped];

    /// <summary>Bytes between blocks in use, where these were most.</summary>
    public long Holes => Math.Max(0, Held - (Purposes.Values.Sum() - Mapped));

    /// <summary>Memory of the process's own: <see cref="Held"/> and <see cref="Runtime"/>.</summary>
    public long Own => Held + Runtime;

    /// <summary>
    /// What a stage takes beside it that reads data, writes files and tells of it, without its tokenizer: measured on runs of the command
    /// line, whose peaks were 20 to 35 MB above the plan without it.
    /// </summary>
    public const long Stage = 32L << 20;

    /// <summary>This in a stage of that tokenizer, in bytes.</summary>
    public MemoryUse InStage(long tokenizer) => new(
        new Dictionary<MemoryPurpose, long>(Purposes) { [MemoryPurpose.Program] = Stage + tokenizer }, Held + Stage + tokenizer);

    /// <summary>All of it: what the process's resident set comes to at most.</summary>
    public long Total => Own + Mapped;
}
