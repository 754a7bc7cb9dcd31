namespace OrtDpo.Quantization;

/// <summary>
/// Work over ranges that depend on sizes alone, so that its result does not depend on the number of threads.
/// </summary>
static class FixedRanges
{
    /// <summary>About as many values are in a range: their float32 copies stay in a cache, and off the heap of large objects.</summary>
    public const int Values = 1 << 14;

    /// <summary>Runs <paramref name="work"/> for every range.</summary>
    /// <param name="ranges">How many.</param>
    /// <param name="threads">Threads at most.</param>
    /// <param name="work">Does the range of an index; gives the first element that it cannot take, or null.</param>
    /// <returns>The first of all elements that could not be taken, or null.</returns>
    public static long? Run(int ranges, int threads, Func<int, long?> work)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var faults = new long?[ranges];
        if (threads == 1)
        {
            for (var i = 0; i < ranges; i++)
            {
                faults[i] = work(i);
            }
        }
        else
        {
            Parallel.For(0, ranges, new ParallelOptions { MaxDegreeOfParallelism = threads }, i => faults[i] = work(i));
        }

        return faults.FirstOrDefault(fault => fault is not null);
    }
}
