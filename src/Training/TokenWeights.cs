using OrtDpo.Batches;

namespace OrtDpo.Training;

/// <summary>LD-DPO (arXiv:2409.06411): the tokens of a pair's longer completion that the shorter one has no place for weigh less.</summary>
public static class TokenWeights
{
    /// <summary>Tokens of each completion of the pair that weigh 1.</summary>
    public static int Shared(Example tokens, CompletionPair pair) =>
        Math.Min(tokens.Completions[pair.Chosen].Length, tokens.Completions[pair.Rejected].Length);

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

    /// <summary>The loss's derivatives by token log-probabilities <c>[R, T]</c>, from those by the completions of its summands.</summary>
    /// <param name="micro">The rows; a completion that is in several pairs adds up what these say.</param>
    /// <param name="slopes">Those of the chosen (or only) completions of all summands, then those of the rejected ones.</param>
    /// <param name="alpha">The weight of tokens beyond the shared ones.</param>
    public static float[] Spread(MicroBatch micro, ReadOnlySpan<float> slopes, float alpha)
    {
        var width = micro.Packed.CompletionWidth;
        var spread = new float[micro.Packed.CompletionMask.Length];
        var terms = micro.Terms;
        var term = 0;
        foreach (var (row, first) in micro.Placed())
        {
            if (row.Tokens.Known.Pairs.Count == 0)
            {
                Add(spread.AsSpan(first * width, row.Tokens.Completions[0].Length), slopes[term++], int.MaxValue, alpha);
            }

            foreach (var pair in row.Tokens.Known.Pairs)
            {
                var shared = Shared(row.Tokens, pair);
                Add(Of(pair.Chosen), slopes[term], shared, alpha);
                Add(Of(pair.Rejected), slopes[terms + term], shared, alpha);
                term++;
            }

            Span<float> Of(int completion) => spread.AsSpan((first + completion) * width, row.Tokens.Completions[completion].Length);
        }

        return spread;
    }

    static void Add(Span<float> tokens, float slope, int shared, float alpha)
    {
        for (var t = 0; t < tokens.Length; t++)
        {
            tokens[t] += t < shared ? slope : slope * alpha;
        }
    }
}
