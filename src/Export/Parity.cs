using OrtDpo.Batches;
using OrtDpo.Models;
using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Generation;
using OrtDpo.Runtime.Memory;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;

namespace OrtDpo.Export;

/// <summary>
/// Compares the log-probabilities of the exported model, run as a host runs it, with those that the policy was trained by: other graph,
/// other layout of the rows, same numbers.
/// </summary>
static class Parity
{
    /// <summary>Mean difference that passes, nats per token.</summary>
    public static double MeanLimit => ParityLimits.Exact.Mean;

    /// <summary>Largest difference that passes, nats.</summary>
    public static double MaxLimit => ParityLimits.Exact.Max;

    // Margins that are smaller are put in another order by rounding in float32 alone: of a mean, and of a sum of some tokens.
    const double MeanTie = 2e-4;

    /// <summary>Compares an exported model with what is stored, and both with the policy that was trained.</summary>
    /// <param name="stored">A model that has what is stored, from which the exported model should not differ.</param>
    /// <param name="exported">The exported model.</param>
    /// <param name="rows">On what they are compared.</param>
    /// <param name="place">Where what is stored is scored.</param>
    /// <param name="limits">What may be off.</param>
    /// <param name="trained">
    /// The log-probabilities of the policy that was trained, of each row, and what they were rounded to; null: it is what is stored.
    /// </param>
    public static ParityReport Report(
        ModelFolder stored, OnnxLogits exported, ComparedRows rows, ForwardPlace place, ParityLimits limits,
        (IReadOnlyList<double[]> Logps, string Dtype)? trained)
    {
        List<(double[] Expected, double[] Actual)> scored;
        using (var scorer = DecoderScorer.Of(stored, OrtProcess.Threads, place.Device, offload: place.Offload))
        {
            scored = Scored(scorer, exported, rows.Rows);
        }

        using var pool = new MemoryPool(place.Device);
        using var parameters = ModelParameters.Of(stored, pool, offload: place.Offload);
        using var training = new FragmentLogits(parameters, pool, keeps: false);
        var report = Measured(scored, exported, rows.Rows, stored.Model.Sizes.MaxPositions, limits, training.After);
        var policy = trained?.Logps ?? [.. scored.Select(logps => logps.Expected)];
        var distance = Distance(policy.Zip(scored.Select(logps => logps.Expected)));
        return report with
        {
            Rounding = trained is null ? null : new Rounding(trained.Value.Dtype, distance.Mean, distance.Max)
            {
                MeanLimit = limits.PolicyMean, MaxLimit = limits.PolicyMax,
            },
            Preferences = Preferences(rows, policy, scored, limits),
            Rewards = Rewards(rows, policy, scored, limits),
        };
    }

    /// <summary>The log-probabilities of rows' completion tokens, in nats, by a model that is open.</summary>
    public static List<double[]> Scores(ModelFolder model, ForwardPlace place, IReadOnlyList<Example> rows)
    {
        using var scorer = DecoderScorer.Of(model, OrtProcess.Threads, place.Device, offload: place.Offload);
        return [.. rows.Select(row => TokenLogps(scorer, row))];
    }

    /// <summary>The same on the processor.</summary>
    public static List<double[]> Scores(ModelFolder model, IReadOnlyList<Example> rows) =>
        Scores(model, new ForwardPlace(ChosenDevice.Cpu, Memory: null), rows);

    /// <summary>Compares a graph with the policy that it should be.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="exported">The exported model.</param>
    /// <param name="pairs">On what they are compared.</param>
    /// <param name="positions">The longest sequence that the model takes, in tokens.</param>
    /// <param name="limits">What may be off; null: what a graph over the policy's own weights may.</param>
    public static ParityReport Measure(
        IScorer policy, OnnxLogits exported, IReadOnlyList<Example> pairs, int positions, ParityLimits? limits = null) =>
        Measured(Scored(policy, exported, pairs), exported, pairs, positions, limits ?? ParityLimits.Exact, training: null);

    static List<(double[] Expected, double[] Actual)> Scored(IScorer policy, OnnxLogits exported, IReadOnlyList<Example> pairs) =>
        [.. pairs.Select(pair => (TokenLogps(policy, pair), TokenLogps(exported, pair)))];

    static ParityReport Measured(
        List<(double[] Expected, double[] Actual)> scored, OnnxLogits exported, IReadOnlyList<Example> pairs, int positions,
        ParityLimits limits, Func<long[], int, IEnumerable<float[]>>? training)
    {
        var found = Distance(scored);
        var decoding = exported.HasCache ? CachedDecoding.Of(exported, pairs, positions, limits.Tie) : null;
        return new ParityReport(pairs.Count, found.Tokens, found.Mean, found.Max, found.WorstPair, limits.Mean, limits.Max)
        {
            Sequences = Sums(pairs.Zip(scored), limits),
            Cache = decoding?.AtOnce(exported, limits.OtherTokens),
            Greedy = training is null ? null : decoding?.Training(training, limits.OtherTokens),
        };
    }

    // By the mean log-probability of a token, as preference accuracy is defined everywhere.
    static OrderParity? Preferences(
        ComparedRows rows, IReadOnlyList<double[]> policy, List<(double[] Expected, double[] Actual)> scored, ParityLimits limits) =>
        OrderParity.Of(
            [.. rows.Rows.Zip(policy, scored).Where(row => row.First.Kind == RowKind.Pair).Select(
                row => (Margin(row.First, row.Second, Mean), Margin(row.First, row.Third.Actual, Mean), MeanTie))],
            limits.Changed);

    // By the sum of what a completion gained over the reference, as rewards are.
    static OrderParity? Rewards(
        ComparedRows rows, IReadOnlyList<double[]> policy, List<(double[] Expected, double[] Actual)> scored, ParityLimits limits) =>
        rows.Reference is not { } reference ? null : OrderParity.Of(
            [.. rows.Rows.Index().Where(row => row.Item.Kind == RowKind.Pair).Select(row =>
            {
                var (i, pair) = row;
                var before = reference[i][0] - reference[i][1];
                return (
                    Margin(pair, policy[i], Enumerable.Sum) - before, Margin(pair, scored[i].Actual, Enumerable.Sum) - before,
                    pair.Completions.Sum(completion => LogpTolerance.Float32.Sequence(completion.Length)));
            })],
            limits.Changed);

    static double Margin(Example pair, double[] logps, Func<double[], double> of)
    {
        var chosen = pair.Completions[0].Length;
        return of(logps[..chosen]) - of(logps[chosen..]);
    }

    static double Mean(double[] logps) => logps.Average();

    /// <summary>Whether a difference is larger than the largest so far; one that is no number is, and stays so.</summary>
    public static bool IsWorse(double found, double worst) => !double.IsNaN(worst) && !(found <= worst);

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
                if (IsWorse(difference, max))
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

    static SequenceParity Sums(IEnumerable<(Example Pair, (double[] Expected, double[] Actual) Logps)> pairs, ParityLimits limits)
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
                if (IsWorse(found / limit, worst.MaxDifference / worst.Limit))
                {
                    worst = new SequenceParity(0, found, limit);
                }
            }
        }

        return worst with { Completions = count };
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

    /// <summary>In double: the comparison must not add errors of its own.</summary>
    public static double LogSoftmaxAt(ReadOnlySpan<float> logits, int id)
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
