namespace OrtDpo.Runtime.Memory;

/// <summary>Native memory by what it is for, where a pool and what its ledger is charged with were largest.</summary>
/// <param name="Purposes">Bytes by purpose at the moment of the largest sum; weights that are mapped among them.</param>
/// <param name="Held">The most bytes that the pool held: blocks in use and the holes between them.</param>
public sealed record MemoryUse(IReadOnlyDictionary<MemoryPurpose, long> Purposes, long Held)
{
    /// <summary>Bytes of files that are mapped and only read: the system's cache, which it may take back.</summary>
    public long Mapped => Purposes[MemoryPurpose.WeightsMapped];

    /// <summary>Everything else.</summary>
    public long Own => Purposes.Values.Sum() - Mapped;
}
