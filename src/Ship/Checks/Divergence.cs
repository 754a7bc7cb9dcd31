namespace OrtDpo.Ship.Checks;

/// <summary>Distributions over a vocabulary, and how far they are apart. Sums are in float64.</summary>
static class Divergence
{
    /// <summary>log softmax of each row.</summary>
    /// <param name="logits"><c>float32 [rows, V]</c>, unnormalized.</param>
    /// <param name="vocabulary">V.</param>
    /// <returns><c>float32 [rows, V]</c>, nats.</returns>
    public static float[] LogSoftmax(float[] logits, int vocabulary)
    {
        var result = new float[logits.Length];
        for (var start = 0; start < logits.Length; start += vocabulary)
        {
            var row = logits.AsSpan(start, vocabulary);
            var normalizer = Normalizer(row);
            for (var i = 0; i < vocabulary; i++)
            {
                result[start + i] = (float)(row[i] - normalizer);
            }
        }

        return result;
    }

    /// <summary>KL(p || q) = Σ p (log p − log q), nats: exact, over the whole vocabulary.</summary>
    /// <param name="logP"><c>[V]</c>, log-probabilities, nats.</param>
    /// <param name="logQ">The same of the other.</param>
    public static double Kl(ReadOnlySpan<float> logP, ReadOnlySpan<float> logQ)
    {
        var sum = 0.0;
        for (var i = 0; i < logP.Length; i++)
        {
            // 0 log 0 is 0; an infinite log q stays infinite where p is not 0.
            var p = Math.Exp(logP[i]);
            sum += p == 0 ? 0 : p * ((double)logP[i] - logQ[i]);
        }

        return sum;
    }

    // log Σ exp, by the largest.
    static double Normalizer(ReadOnlySpan<float> row)
    {
        var max = float.NegativeInfinity;
        foreach (var x in row)
        {
            max = Math.Max(max, x);
        }

        var sum = 0.0;
        foreach (var x in row)
        {
            sum += Math.Exp((double)x - max);
        }

        return max + Math.Log(sum);
    }
}
