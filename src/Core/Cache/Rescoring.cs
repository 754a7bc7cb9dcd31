using OrtDpo.Core.Batches;
using OrtDpo.Core.Data;
using OrtDpo.Core.Training;

namespace OrtDpo.Core.Cache;

/// <summary>How far a sample of a cache's rows lies from what a model gives now, in nats.</summary>
public sealed class Rescoring
{
    /// <summary>Pairs that are scored again.</summary>
    public int Pairs { get; private set; }

    /// <summary>Tokens that are scored again.</summary>
    public int Tokens { get; private set; }

    /// <summary>How far the fixed rows lie from the manifest's.</summary>
    public float ProbeDistance { get; private set; }

    /// <summary>The token that lies farthest.</summary>
    public Difference Token { get; private set; } = Difference.None;

    /// <summary>The completion that lies farthest, for its length.</summary>
    public Difference Sequence { get; private set; } = Difference.None;

    /// <summary>What is beyond the step-0 gate's tolerances, each a sentence.</summary>
    public IReadOnlyList<string> Faults => [.. new[] { ProbeFault(), Token.Fault(), Sequence.Fault() }.OfType<string>()];

    /// <summary>Scores a sample again: a quarter of it the longest pairs, which accumulate the most error, the others by their keys' order.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="sample">Distinct pairs at most.</param>
    /// <param name="vocabularySize">The model's vocabulary.</param>
    /// <param name="layout">How the model reads batches.</param>
    /// <param name="score">A packed batch to its token log-probabilities, <c>float32 [R, T]</c>, nats.</param>
    public static Rescoring Measure(ReferenceCache cache, int sample, int vocabularySize, BatchLayout layout, Func<PackedBatch, float[]> score)
    {
        var rescoring = new Rescoring();
        var probe = ScoreProbe.Take(vocabularySize, layout, score);
        rescoring.ProbeDistance = cache.Shards.Max(shard => shard.Probe.Distance(probe));
        var rows = cache.Rows.DistinctBy(row => row.RowKey).ToDictionary(row => row.RowKey);
        var drawn = rows.Values.OrderByDescending(row => row.Tokens.Length).Take(sample / 4)
            .Concat(rows.Values.OrderBy(row => row.RowKey, StringComparer.Ordinal)).Distinct().Take(sample)
            .Select(row => new PreparedPair(row.Source, row.SourceRow, row.Split, row.Tokens)).ToList();
        foreach (var batch in ScoringPlan.Make(drawn, cache.Identity.ContractDigest, KnownScores.None).Batches)
        {
            foreach (var row in PairScoring.Score(batch, layout, score))
            {
                rescoring.Compare(row, rows[row.RowKey]);
            }
        }

        return rescoring;
    }

    void Compare(CachedPair found, CachedPair cached)
    {
        Pairs++;
        var id = $"{cached.Source}:{cached.SourceRow}";
        Compare($"{id}, chosen", found.RefChosenTokenLogps, cached.RefChosenTokenLogps);
        Compare($"{id}, rejected", found.RefRejectedTokenLogps, cached.RefRejectedTokenLogps);
    }

    void Compare(string completion, float[] found, float[] cached)
    {
        for (var t = 0; t < found.Length; t++)
        {
            Token = Token.Farther(new Difference(FormattableString.Invariant($"{completion} token {t}"), found[t], cached[t], StepZeroGate.TokenTolerance));
        }

        var tolerance = StepZeroGate.SequenceTolerance(found.Length);
        Sequence = Sequence.Farther(new Difference(completion, CachedPair.Sum(found), CachedPair.Sum(cached), tolerance));
        Tokens += found.Length;
    }

    string? ProbeFault() => ProbeDistance <= ScoreProbe.Tolerance
        ? null
        : FormattableString.Invariant($"The fixed rows score up to {ProbeDistance:g3} nats a token from the manifest's; at most {ScoreProbe.Tolerance:g3} is rounding. ")
            + "Other weights or other kernels stand behind the same names.";
}
