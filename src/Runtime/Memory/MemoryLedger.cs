namespace OrtDpo.Runtime.Memory;

/// <summary>Bytes by what they are for: now, and where their sum was largest. Thread-safe.</summary>
public sealed class MemoryLedger
{
    static readonly int Purposes = Enum.GetValues<MemoryPurpose>().Length;

    readonly Lock gate = new();
    readonly long[] now = new long[Purposes];
    readonly long[] atPeak = new long[Purposes];
    long total;

    /// <summary>The largest sum so far.</summary>
    public long Peak { get; private set; }

    /// <summary>The bytes that are charged to <paramref name="purpose"/>.</summary>
    public long this[MemoryPurpose purpose] => now[(int)purpose];

    /// <summary>The bytes of <paramref name="purpose"/> when the sum was largest.</summary>
    public long AtPeak(MemoryPurpose purpose) => atPeak[(int)purpose];

    /// <summary>Adds bytes; negative ones are given back.</summary>
    public void Charge(MemoryPurpose purpose, long bytes)
    {
        lock (gate)
        {
            now[(int)purpose] += bytes;
            total += bytes;
            if (total > Peak)
            {
                Peak = total;
                now.CopyTo(atPeak, 0);
            }
        }
    }
}
