using OrtDpo.Batches;
using OrtDpo.Runtime.Generation;

namespace OrtDpo.Export;

/// <summary>
/// Compares the log-probabilities of the exported model, run as a host runs it, with those that the policy was trained by: other graph,
/// other layout of the rows, same numbers.
/// </summary>
static class Parity
{
    /// <summary>Mean difference that passes, nats per token.</summary>
    public const double MeanLimit = 1e-5;

    /// <summary>Largest difference that passes, nats: float32 batching alone moves a token by 5e-5.</summary>
    public const double MaxLimit = 5e-4;

    public static ParityReport Measure(IScorer policy, OnnxLogits exported, IReadOnlyList<Example> pairs)
    {
        var (sum, max, tokens, worst) = (0.0, 0.0, 0, 0);
        for (var i = 0; i < pairs.Count; i++)
        {
            var batch = ExamplePacking.Pack([pairs[i]], policy.Layout);
            var expected = policy.Score(batch);
            for (var row = 0; row < pairs[i].Completions.Count; row++)
            {
                var completion = pairs[i].Completions[row];
                var actual = TokenLogps(exported, pairs[i].Prompt, completion);
                for (var t = 0; t < completion.Length; t++)
                {
                    var difference = Math.Abs(actual[t] - expected[(row * batch.CompletionWidth) + t]);
                    sum += difference;
                    tokens++;
                    // NaN compares as the largest: it must not pass for agreement.
                    if (!(difference <= max))
                    {
                        (max, worst) = (difference, i);
                    }
                }
            }
        }

        return new ParityReport(pairs.Count, tokens, sum / tokens, max, worst, MeanLimit, MaxLimit);
    }

    static double[] TokenLogps(OnnxLogits exported, int[] prompt, int[] completion)
    {
        long[] ids = [.. prompt.Concat(completion).Select(id => (long)id)];
        var logits = exported.All(ids);
        var vocabulary = logits.Length / ids.Length;
        return [.. completion.Select((id, t) => LogSoftmaxAt(logits.AsSpan((prompt.Length + t - 1) * vocabulary, vocabulary), id))];
    }

    // In double: the comparison must not add errors of its own.
    static double LogSoftmaxAt(ReadOnlySpan<float> logits, int id)
    {
        var max = float.NegativeInfinity;
        foreach (var x in logits)
        {
            max = Math.Max(max, x);
        }

        var sum = 0.0;
        foreach (var x in logits)
        {
            sum += Math.Exp((double)x - max);
        }

        return logits[id] - max - Math.Log(sum);
    }
}
