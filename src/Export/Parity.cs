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

    /// <summary>Compares with the exported model.</summary>
    public static ParityReport Measure(IScorer policy, OnnxLogits exported, IReadOnlyList<Example> pairs)
    {
        var found = Distance(policy, pairs, pair => TokenLogps(exported, pair));
        return new ParityReport(pairs.Count, found.Tokens, found.Mean, found.Max, found.WorstPair, MeanLimit, MaxLimit);
    }

    /// <summary>How far the policy's log-probabilities, per completion token in nats, are from others.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="pairs">On what they are compared.</param>
    /// <param name="others">From a pair to the others' log-probabilities of its completions, one after the other.</param>
    public static (int Tokens, double Mean, double Max, int WorstPair) Distance(
        IScorer policy, IReadOnlyList<Example> pairs, Func<Example, double[]> others)
    {
        return Distance(pairs.Select(pair => (TokenLogps(policy, pair), others(pair))));
    }

    /// <summary>How far log-probabilities, per completion token in nats, are from others.</summary>
    /// <param name="pairs">For each pair those of its completions, one after the other, and the others.</param>
    public static (int Tokens, double Mean, double Max, int WorstPair) Distance(IEnumerable<(double[] Expected, double[] Actual)> pairs)
    {
        var (sum, max, tokens, worst) = (0.0, 0.0, 0, 0);
        foreach (var (i, pair) in pairs.Index())
        {
            foreach (var (expected, actual) in pair.Expected.Zip(pair.Actual))
            {
                var difference = Math.Abs(actual - expected);
                sum += difference;
                tokens++;
                // NaN compares as the largest: it must not pass for agreement.
                if (!(difference <= max))
                {
                    (max, worst) = (difference, i);
                }
            }
        }

        return (tokens, sum / tokens, max, worst);
    }

    /// <summary>The log-probabilities of a pair's completion tokens, in nats, as a scorer gives them.</summary>
    public static double[] TokenLogps(IScorer scorer, Example pair)
    {
        var batch = ExamplePacking.Pack([pair], scorer.Layout);
        var scored = scorer.Score(batch);
        return [.. pair.Completions.SelectMany(
            (completion, row) => Enumerable.Range(row * batch.CompletionWidth, completion.Length).Select(at => (double)scored[at]))];
    }

    static double[] TokenLogps(OnnxLogits exported, Example pair) =>
        [.. pair.Completions.SelectMany(completion => TokenLogps(exported, pair.Prompt, completion))];

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
