using System.Text.Json.Serialization;
using OrtDpo.Batches;

namespace OrtDpo.Data.Cache;

/// <summary>How far a sample of a cache's rows lies from what a model gives now, in nats.</summary>
public sealed class Rescoring
{
    Rescoring(LogpTolerance tolerance) => Tolerance = tolerance;

    /// <summary>What is allowed of each.</summary>
    [JsonIgnore]
    public LogpTolerance Tolerance { get; }

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

    /// <summary>Scores a <see cref="RowSample"/> again, drawn by the keys' order.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="sample">Distinct pairs at most.</param>
    /// <param name="scorer">The model.</param>
    public static Rescoring Measure(ReferenceCache cache, int sample, IScorer scorer)
    {
        var rescoring = new Rescoring(cache.Identity.Tolerance);
        var probe = ScoreProbe.Take(scorer);
        rescoring.ProbeDistance = cache.Shards.Max(shard => shard.Probe.Distance(probe));
        var rows = cache.Rows.DistinctBy(row => row.RowKey).ToList();
        var drawn = RowSample.Of(rows, row => row.Tokens.Length, rows.OrderBy(row => row.RowKey, StringComparer.Ordinal), sample)
            .ToDictionary(row => new PreparedExample(row.Source, row.SourceRow, row.Split, Scored(cache, row)));
        foreach (var batch in ScoringPlan.Make([.. drawn.Keys], cache.Identity, KnownScores.None).Batches)
        {
            foreach (var (planned, found) in batch.Zip(BatchScoring.Rows(batch, scorer)))
            {
                rescoring.Compare(found.Reference, drawn[planned.Rows[0].Origins[0]]);
            }
        }

        return rescoring;
    }

    // Of unpaired feedback the mismatched completion is scored too, beside the row's own as in a pair.
    static Example Scored(ReferenceCache cache, CachedRow row) => row.Mismatched is null
        ? row.Tokens
        : Example.Pair(row.Tokens.Prompt, row.Tokens.Completions[0], cache.MismatchedOf(row));

    void Compare(IReadOnlyList<CompletionLogps> found, CachedRow cached)
    {
        Pairs++;
        var id = $"{cached.Source}:{cached.SourceRow}";
        foreach (var (name, i) in CompletionNames.Of(cached.Tokens).Select((name, i) => (name, i)))
        {
            Compare($"{id}, {name}", found[i].Tokens, cached.Reference[i].Tokens);
        }

        if (cached.Mismatched is { } mismatched)
        {
            Compare($"{id}, mismatched completion", found[1].Tokens.Length, found[1].Sum, mismatched.Sum);
        }
    }

    void Compare(string completion, float[] found, float[] cached)
    {
        for (var t = 0; t < found.Length; t++)
        {
            var place = FormattableString.Invariant($"{completion} token {t}");
            Token = Token.Farther(new Difference(place, found[t], cached[t], Tolerance.Token));
        }

        Compare(completion, found.Length, LogpSum.Of(found), LogpSum.Of(cached));
    }

    void Compare(string completion, int tokens, double found, double cached)
    {
        Sequence = Sequence.Farther(new Difference(completion, found, cached, Tolerance.Sequence(tokens)));
        Tokens += tokens;
    }

    string? ProbeFault() => ProbeDistance <= Tolerance.Token
        ? null
        : FormattableString.Invariant($"The fixed rows score up to {ProbeDistance:g3} nats a token from the manifest's; ")
            + FormattableString.Invariant($"at most {Tolerance.Token:g3} is rounding. ")
            + "Other weights or other kernels stand behind the same names.";
}
