namespace OrtDpo.Runtime.Generation;

/// <summary>The tokens that may come next, and how likely each is: pure functions of logits.</summary>
/// <param name="Ids">Token ids, ascending.</param>
/// <param name="Weights">As many: probabilities but for one factor, that of the likeliest being 1.</param>
public readonly record struct TokenDistribution(int[] Ids, double[] Weights)
{
    /// <summary>The probabilities, which sum to 1.</summary>
    public double[] Probabilities()
    {
        var total = Total();
        return Array.ConvertAll(Weights, weight => weight / total);
    }

    /// <summary>
    /// The distribution that <paramref name="sampling"/> makes of logits <c>[V]</c>; tokens whose logit is −∞ are never among it.
    /// </summary>
    /// <exception cref="InvalidDataException">A logit is NaN or ∞, or all are −∞.</exception>
    public static TokenDistribution Of(ReadOnlySpan<float> logits, Sampling sampling)
    {
        var highest = logits[GreedyDecoding.Likeliest(logits)];
        var least = sampling.TopK is { } k && k < logits.Length ? Highest(logits, k) : float.NegativeInfinity;
        var (ids, weights) = (new List<int>(), new List<double>());
        for (var id = 0; id < logits.Length; id++)
        {
            if (logits[id] >= least && !float.IsNegativeInfinity(logits[id]))
            {
                ids.Add(id);
                weights.Add(PortableExp.Of(((double)logits[id] - highest) / sampling.Temperature));
            }
        }

        var kept = new TokenDistribution([.. ids], [.. weights]);
        kept = sampling.TopP < 1 ? kept.UpTo(sampling.TopP) : kept;
        return sampling.MinP > 0 ? kept.Where(weight => weight >= sampling.MinP) : kept;
    }

    /// <summary>
    /// Divides the logits of tokens by <paramref name="penalty"/>, those below 0 multiplied by it instead, as Hugging Face's
    /// <c>repetition_penalty</c> does with all tokens of prompt and text: above 1 they become less likely.
    /// </summary>
    /// <param name="logits"><c>[V]</c>, which change.</param>
    /// <param name="tokens">The tokens, each once.</param>
    /// <param name="penalty">Above 0.</param>
    public static void Penalize(Span<float> logits, IEnumerable<int> tokens, double penalty)
    {
        foreach (var id in tokens)
        {
            logits[id] = (float)(logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty);
        }
    }

    /// <summary>The token at a place of the distribution.</summary>
    /// <param name="place">In <c>[0, 1)</c>: the share of the whole that lies before it, in the order of the ids.</param>
    public int At(double place)
    {
        var target = place * Total();
        var sum = 0.0;
        var last = 0;
        for (var i = 0; i < Ids.Length; i++)
        {
            sum += Weights[i];
            if (sum > target)
            {
                return Ids[i];
            }

            last = Weights[i] > 0 ? i : last;
        }

        // The product rounded up to the whole.
        return Ids[last];
    }

    // In the order of the ids on every machine: sums depend on it.
    double Total()
    {
        var total = 0.0;
        foreach (var weight in Weights)
        {
            total += weight;
        }

        return total;
    }

    TokenDistribution Where(Func<double, bool> stays)
    {
        var weights = Weights;
        int[] places = [.. Enumerable.Range(0, Ids.Length).Where(i => stays(weights[i]))];
        return At(places);
    }

    TokenDistribution At(int[] places)
    {
        var (ids, weights) = (Ids, Weights);
        return new([.. places.Select(i => ids[i])], [.. places.Select(i => weights[i])]);
    }

    TokenDistribution UpTo(double share)
    {
        var (total, weights) = (Total(), Weights);
        // Tokens below this sum to less than what is left out: sorting whole vocabularies would take longer than small models do.
        var least = (1 - share) * total / weights.Length;
        int[] order = [.. Enumerable.Range(0, weights.Length).Where(i => weights[i] >= least).OrderByDescending(i => weights[i])];
        var sum = 0.0;
        var count = 0;
        while (count < order.Length && (count == 0 || sum < share * total))
        {
            sum += weights[order[count]];
            count++;
        }

        Array.Resize(ref order, count);
        Array.Sort(order);
        return At(order);
    }

    // The k-th highest logit.
    static float Highest(ReadOnlySpan<float> logits, int k)
    {
        var sorted = logits.ToArray();
        Array.Sort(sorted);
        return sorted[^k];
    }
}
