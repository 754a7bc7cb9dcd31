using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>LD-DPO (arXiv:2409.06411): the tokens of a pair's longer completion that the shorter one has no place for weigh less.</summary>
static class TokenWeights
{
    /// <summary>Tokens of each completion that weigh 1.</summary>
    public static int Shared(PairTokens tokens) => Math.Min(tokens.Chosen.Length, tokens.Rejected.Length);

    /// <summary>The first <paramref name="shared"/> log-probabilities plus <paramref name="alpha"/> times the others, in double.</summary>
    public static double Sum(ReadOnlySpan<float> tokenLogps, int shared, float alpha)
    {
        var (head, tail) = (0.0, 0.0);
        for (var t = 0; t < tokenLogps.Length; t++)
        {
            if (t < shared)
            {
                head += tokenLogps[t];
            }
            else
            {
                tail += tokenLogps[t];
            }
        }

        // Not alpha × an empty tail: 0 × infinity is no number.
        return shared < tokenLogps.Length ? head + (alpha * tail) : head;
    }

    /// <summary>The loss's derivatives by token log-probabilities <c>[R, T]</c>, from those by completions <c>[R]</c>.</summary>
    public static float[] Spread(MicroBatch micro, ReadOnlySpan<float> slopes, float alpha)
    {
        var packed = micro.Packed;
        var spread = new float[packed.CompletionMask.Length];
        for (var r = 0; r < packed.Completions; r++)
        {
            var tokens = micro.Rows[r % micro.Rows.Count].Tokens;
            var length = r < micro.Rows.Count ? tokens.Chosen.Length : tokens.Rejected.Length;
            var shared = tokens.IsPair ? Shared(tokens) : length;
            for (var t = 0; t < length; t++)
            {
                spread[(r * packed.CompletionWidth) + t] = t < shared ? slopes[r] : slopes[r] * alpha;
            }
        }

        return spread;
    }
}
