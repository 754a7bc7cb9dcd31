using System.Runtime.InteropServices;
using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Training.Tests;

/// <summary>
/// The smallest language model: a table of logits, one row per preceding token; AdamW. Every formula is written out, so that the loop can
/// be tested without a graph.
/// </summary>
sealed class BigramEngine(int vocabulary) : ITrainingEngine
{
    readonly float[] weights = [.. Enumerable.Range(0, vocabulary * vocabulary).Select(i => MathF.Sin(i))];
    readonly float[] first = new float[vocabulary * vocabulary];
    readonly float[] second = new float[vocabulary * vocabulary];
    readonly double[] gradient = new double[vocabulary * vocabulary];

    public ReadOnlySpan<float> Weights => weights;

    /// <summary>Every update that was asked for, in order.</summary>
    public List<OptimizerStep> Updates { get; } = [];

    /// <summary>Called before each call of the engine with a running number; may throw, as a kill would.</summary>
    public Action<int> BeforeCall { get; init; } = _ => { };

    /// <summary>Gives the gradient norm that is reported instead of the right one; null = the right one.</summary>
    public Func<int, double?> FakeNorm { get; init; } = _ => null;

    int calls;

    public int VocabularySize => vocabulary;

    public BatchLayout Layout => BatchLayout.Packed;

    public LogpTolerance Tolerance { get; init; } = LogpTolerance.Float32;

    public float[] Score(PackedBatch batch)
    {
        BeforeCall(calls++);
        var tokenLogps = new float[batch.CompletionMask.Length];
        for (var i = 0; i < tokenLogps.Length; i++)
        {
            tokenLogps[i] = batch.CompletionMask[i] == 0
                ? 0
                : (float)Logp(batch.InputIds[batch.CompletionIndex[i]], batch.CompletionIds[i]);
        }

        return tokenLogps;
    }

    /// <summary>Which tokens were the likeliest is written out, too; false where the engine is to say nothing of it.</summary>
    public bool TellsLikeliest { get; init; } = true;

    public TokenScores ScoreTokens(PackedBatch batch) => new(Score(batch), TellsLikeliest ? AreLikeliest(batch) : null);

    public float[] Accumulate(PackedBatch batch, Func<float[], float[]> slopes)
    {
        var tokenLogps = Score(batch);
        var slope = slopes(tokenLogps);
        for (var i = 0; i < slope.Length; i++)
        {
            if (batch.CompletionMask[i] != 0)
            {
                var previous = batch.InputIds[batch.CompletionIndex[i]];
                for (var v = 0; v < vocabulary; v++)
                {
                    var indicator = v == batch.CompletionIds[i] ? 1 : 0;
                    gradient[(previous * vocabulary) + v] += slope[i] * (indicator - Math.Exp(Logp(previous, v)));
                }
            }
        }

        return tokenLogps;
    }

    public OptimizerResult Apply(OptimizerStep update)
    {
        BeforeCall(calls++);
        Updates.Add(update);
        var norm = FakeNorm(Updates.Count) ?? Math.Sqrt(gradient.Sum(g => g * g));
        if (!double.IsFinite(norm))
        {
            Array.Clear(gradient);
            return new OptimizerResult(norm, Applied: false);
        }

        var clip = update.MaxGradNorm > 0 ? Math.Min(1, update.MaxGradNorm / norm) : 1;
        for (var i = 0; i < weights.Length; i++)
        {
            var g = gradient[i] * clip;
            first[i] = (float)((update.Beta1 * first[i]) + ((1 - update.Beta1) * g));
            second[i] = (float)((update.Beta2 * second[i]) + ((1 - update.Beta2) * g * g));
            var m = first[i] / (1 - Math.Pow(update.Beta1, update.Number));
            var v = second[i] / (1 - Math.Pow(update.Beta2, update.Number));
            weights[i] -= (float)(update.LearningRate * ((m / (Math.Sqrt(v) + update.Epsilon)) + (update.WeightDecay * weights[i])));
        }

        Array.Clear(gradient);
        return new OptimizerResult(norm, Applied: true);
    }

    public void WriteState(string folder)
    {
        BeforeCall(calls++);
        AtomicFile.Write(Path.Combine(folder, "model.safetensors"), s => s.Write(MemoryMarshal.AsBytes<float>(weights)));
        AtomicFile.Write(
            Path.Combine(folder, "optimizer.safetensors"),
            s => s.Write([.. MemoryMarshal.AsBytes<float>(first), .. MemoryMarshal.AsBytes<float>(second)]));
    }

    public void ReadState(string folder)
    {
        MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(folder, "model.safetensors"))).CopyTo(weights);
        var moments = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(folder, "optimizer.safetensors")));
        moments[..first.Length].CopyTo(first);
        moments[first.Length..].CopyTo(second);
        Array.Clear(gradient);
    }

    public void Dispose()
    {
    }

    /// <summary>Per-token log-probabilities of <paramref name="completion"/> after <paramref name="prompt"/>.</summary>
    public float[] TokenLogps(int[] prompt, int[] completion)
    {
        int[] all = [.. prompt, .. completion];
        return [.. Enumerable.Range(prompt.Length, completion.Length).Select(t => (float)Logp(all[t - 1], all[t]))];
    }

    bool[] AreLikeliest(PackedBatch batch) =>
    [
        .. batch.CompletionMask.Select((mask, i) => mask != 0 && Enumerable.Range(0, vocabulary).All(
            other => Logp(batch.InputIds[batch.CompletionIndex[i]], other)
                <= Logp(batch.InputIds[batch.CompletionIndex[i]], batch.CompletionIds[i]))),
    ];

    double Logp(long previous, long token)
    {
        var row = weights.AsSpan((int)previous * vocabulary, vocabulary);
        var sum = 0.0;
        foreach (var logit in row)
        {
            sum += Math.Exp(logit);
        }

        return row[(int)token] - Math.Log(sum);
    }
}
