using OrtDpo.Batches;

namespace OrtDpo.GpuCheck.Models;

/// <summary>Numbers that are the same on every machine.</summary>
static class Draw
{
    /// <summary>Uniform numbers in (−1, 1).</summary>
    public static float[] Uniform(int count, ulong seed)
    {
        var random = new SplitMix64(seed);
        var numbers = new float[count];
        foreach (ref var number in numbers.AsSpan())
        {
            number = (float)(((random.Next() >> 11) * (2.0 / (1UL << 53))) - 1);
        }

        return numbers;
    }

    /// <summary>A pair of random tokens.</summary>
    public static Example Pair(int vocabulary, int prompt, int completion, ulong seed)
    {
        var random = new SplitMix64(seed);
        int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))];
        return Example.Pair(Tokens(prompt), Tokens(completion), Tokens(completion));
    }
}
