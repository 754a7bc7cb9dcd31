namespace OrtDpo.Batches;

/// <summary>The order of the rows: a pure function of seed and epoch, so that a resumed run needs no state to go on where it was.</summary>
public static class DataOrder
{
    /// <summary>A permutation of <c>0 … count − 1</c> (Fisher and Yates).</summary>
    /// <param name="count">The number of rows.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    public static int[] Permutation(int count, ulong seed, int epoch)
    {
        var random = new SplitMix64(SplitMix64.Mix(seed) + (ulong)epoch);
        var order = new int[count];
        for (var i = 0; i < count; i++)
        {
            var j = random.Next(i + 1);
            order[i] = order[j];
            order[j] = i;
        }

        return order;
    }
}
