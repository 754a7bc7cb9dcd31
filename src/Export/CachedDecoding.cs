using System.Numerics.Tensors;
using OrtDpo.Batches;
using OrtDpo.Runtime.Generation;

namespace OrtDpo.Export;

/// <summary>Tokens that an exported model made greedily, with its cache, and what others make of them.</summary>
sealed class CachedDecoding
{
    // Each takes a run of the model by itself: enough to see a fault, which is in every token.
    const int ContinuedPrompts = 4;
    const int NewTokens = 32;

    readonly List<(int Prompt, long[] Ids, List<double> Logps)> made = [];

    readonly double tie;

    CachedDecoding(double tie) => this.tie = tie;

    /// <summary>Continues some prompts: each in two parts, and then token by token.</summary>
    /// <param name="exported">The exported model.</param>
    /// <param name="pairs">Whose prompts.</param>
    /// <param name="positions">The longest sequence that the model takes, in tokens.</param>
    /// <param name="tie">Tokens whose log-probabilities are nearer than this, in nats, may stand in either order.</param>
    public static CachedDecoding Of(OnnxLogits exported, IReadOnlyList<Example> pairs, int positions, double tie)
    {
        var decoding = new CachedDecoding(tie);
        foreach (var prompt in pairs.Select(pair => pair.Prompt).Where(prompt => prompt.Length < positions)
            .DistinctBy(prompt => string.Join(' ', prompt)).Take(ContinuedPrompts))
        {
            var ids = prompt.Select(id => (long)id).ToList();
            if (ids.Count > 1)
            {
                exported.Next([.. ids[..(ids.Count / 2)]]);
            }

            var logps = new List<double>();
            while (logps.Count < NewTokens && ids.Count < positions)
            {
                var logits = exported.Next([.. ids]);
                var likeliest = TensorPrimitives.IndexOfMax<float>(logits);
                logps.Add(Parity.LogSoftmaxAt(logits, likeliest));
                ids.Add(likeliest);
            }

            decoding.made.Add((prompt.Length, [.. ids], logps));
        }

        return decoding;
    }

    /// <summary>Against running all tokens at once in the same model.</summary>
    /// <param name="exported">The exported model.</param>
    /// <param name="share">The share of tokens that may be others, rounded up.</param>
    public CacheParity AtOnce(OnnxLogits exported, double share)
    {
        var (sum, max, tokens, others, ties) = (0.0, 0.0, 0, 0, 0);
        foreach (var (prompt, ids, logps) in made)
        {
            var all = exported.All(ids[..^1]);
            var vocabulary = all.Length / (ids.Length - 1);
            foreach (var (i, logp) in logps.Index())
            {
                var row = all.AsSpan((prompt + i - 1) * vocabulary, vocabulary);
                var difference = Math.Abs(logp - Parity.LogSoftmaxAt(row, (int)ids[prompt + i]));
                sum += difference;
                max = Parity.IsWorse(difference, max) ? difference : max;
                tokens++;
                Count(row, (int)ids[prompt + i], ref others, ref ties);
            }
        }

        return new CacheParity(made.Count, tokens, tokens == 0 ? 0 : sum / tokens, max, others, ties)
        {
            OtherLimit = (int)Math.Ceiling(share * tokens),
        };
    }

    /// <summary>Against the layers that train.</summary>
    /// <param name="training">Logits after each of the tokens from the one of that index on: each <c>float32 [V]</c>.</param>
    /// <param name="share">The share of tokens that may be others, rounded up.</param>
    public GreedyParity Training(Func<long[], int, IEnumerable<float[]>> training, double share)
    {
        var (tokens, others, ties) = (0, 0, 0);
        foreach (var (prompt, ids, _) in made)
        {
            foreach (var (i, row) in training(ids[..^1], prompt - 1).Index())
            {
                tokens++;
                Count(row, (int)ids[prompt + i], ref others, ref ties);
            }
        }

        return new GreedyParity(tokens, others, ties, (int)Math.Ceiling(share * tokens));
    }

    void Count(ReadOnlySpan<float> row, int id, ref int others, ref int ties)
    {
        var likeliest = TensorPrimitives.IndexOfMax(row);
        if (id == likeliest)
        {
            return;
        }

        if (Parity.LogSoftmaxAt(row, likeliest) - Parity.LogSoftmaxAt(row, id) <= tie)
        {
            ties++;
        }
        else
        {
            others++;
        }
    }
}
