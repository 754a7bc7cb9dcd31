namespace OrtDpo.Batches;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine and in every version of .NET, unlike <see cref="Random"/>.
/// </summary>
public struct SplitMix64(ulong seed)
{
    ulong state = seed;

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        state += 0x9E3779B97F4A7C15;
        return Mix(state);
    }

    /// <summary>A number in <c>[0, bound)</c>.</summary>
    public int Next(int bound)
    {
        // The upper half of the 128-bit product; what remains of bias is below bound / 2^64.
        return (int)Math.BigMul(Next(), (ulong)bound, out _);
    }

    /// <summary>The generator's output function: scatters numbers that lie close together.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
