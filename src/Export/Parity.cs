using System.Numerics.Tensors;
using OrtDpo.Batches;
using OrtDpo.Export.Precision;
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

    // Each takes a run of the model by itself: enough to see a fault, which is in every token.
    const int ContinuedPrompts = 4;
    const int NewTokens = 32;

    // Two logits that are so near are put in another order by rounding alone.
    public const double Tie = 1e-4;

    /// <summary>Compares with the exported model.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="exported">The exported model.</param>
    /// <param name="pairs">On what they are compared.</param>
    /// <param name="positions">The longest sequence that the model takes, in tokens.</param>
    /// <param name="limits">How far they may lie apart; null: as what computes in float32.</param>
    public static ParityReport Measure(
        IScorer policy, OnnxLogits exported, IReadOnlyList<Example> pairs, int positions, ComputeLimits? limits = null)
    {
        limits ??= ComputeLimits.Float32;
        var scored = pairs.Select(pair => (Expected: TokenLogps(policy, pair), Actual: TokenLogps(exported, pair))).ToList();
        var found = Distance(scored);
        return new ParityReport(pairs.Count, found.Tokens, found.Mean, found.Max, found.WorstPair, limits.Mean, limits.Max)
        {
            Sequences = Sums(pairs.Zip(scored), limits),
            Cache = exported.HasCache ? Decoding(exported, pairs, positions, limits.Tie) : null,
        };
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

    static SequenceParity Sums(
        IEnumerable<(Example Pair, (double[] Expected, double[] Actual) Logps)> pairs, ComputeLimits limits)
    {
        var (count, worst) = (0, new SequenceParity(0, 0, limits.Sequence(0)));
        foreach (var (pair, (expected, actual)) in pairs)
        {
            var at = 0;
            foreach (var completion in pair.Completions)
            {
                var tokens = at..(at += completion.Length);
                var found = Math.Abs(actual[tokens].Sum() - expected[tokens].Sum());
                var limit = limits.Sequence(completion.Length);
                count++;
                // NaN compares as the largest, as of tokens.
                if (!(found / limit <= worst.MaxDifference / worst.Limit))
                {
                    worst = new SequenceParity(0, found, limit);
                }
            }
        }

        return worst with { Completions = count };
    }

    static CacheParity Decoding(OnnxLogits exported, IReadOnlyList<Example> pairs, int positions, double tie)
    {
        var (sum, max, tokens, others, ties) = (0.0, 0.0, 0, 0, 0);
        var prompts = pairs.Select(pair => pair.Prompt).Where(prompt => prompt.Length < positions)
            .DistinctBy(prompt => string.Join(' ', prompt)).Take(ContinuedPrompts).ToList();
        foreach (var prompt in prompts)
        {
            var ids = prompt.Select(id => (long)id).ToList();
            if (ids.Count > 1)
            {
                exported.Next([.. ids[..(ids.Count / 2)]]);
            }

            var made = new List<double>();
            while (made.Count < NewTokens && ids.Count < positions)
            {
                var logits = exported.Next([.. ids]);
                var likeliest = TensorPrimitives.IndexOfMax<float>(logits);
                made.Add(LogSoftmaxAt(logits, likeliest));
                ids.Add(likeliest);
            }

            var all = exported.All([.. ids[..^1]]);
            var vocabulary = all.Length / (ids.Count - 1);
            foreach (var (i, logp) in made.Index())
            {
                var row = all.AsSpan((prompt.Length + i - 1) * vocabulary, vocabulary);
                var (id, likeliest) = ((int)ids[prompt.Length + i], TensorPrimitives.IndexOfMax<float>(row));
                var atOnce = LogSoftmaxAt(row, id);
                var difference = Math.Abs(logp - atOnce);
                sum += difference;
                max = difference <= max ? max : difference;
                tokens++;
                var isTie = id != likeliest && LogSoftmaxAt(row, likeliest) - atOnce <= tie;
                (others, ties) = (others + (id != likeliest && !isTie ? 1 : 0), ties + (isTie ? 1 : 0));
            }
        }

        return new CacheParity(prompts.Count, tokens, tokens == 0 ? 0 : sum / tokens, max, others, ties);
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
