namespace OrtDpo.Batches;

/// <summary>The log-probability of a completion from those of its tokens.</summary>
public static class LogpSum
{
    /// <summary>
    /// The sum of <paramref name="tokenLogps"/>, nats: in double, one token after the other, so that everybody has the same bits.
    /// </summary>
    public static double Of(ReadOnlySpan<float> tokenLogps)
    {
        var sum = 0.0;
        foreach (var logp in tokenLogps)
        {
            sum += logp;
        }

        return sum;
    }
}
