using OrtDpo.Batches;

namespace OrtDpo.Data.Cache;

/// <summary>A row of the reference cache: an example, and what the reference said of it.</summary>
public sealed record CachedRow
{
    /// <summary>Identity of the tokens under the cache's contract; see <see cref="Cache.RowKey"/>.</summary>
    public required string RowKey { get; init; }

    /// <summary>Name of the file the row came from.</summary>
    public required string Source { get; init; }

    /// <summary>Its row there, from 1.</summary>
    public required long SourceRow { get; init; }

    /// <summary>Training or held out.</summary>
    public required Split Split { get; init; }

    /// <summary>What was scored: a preference pair, or a completion with its label.</summary>
    public required Example Tokens { get; init; }

    /// <summary>What the reference said of each completion.</summary>
    public required IReadOnlyList<CompletionLogps> Reference { get; init; }

    /// <summary>What KTO compares the completion with; null for pairs.</summary>
    public MismatchedLogps? Mismatched { get; init; }

    /// <summary>The sums among the row's numbers: with the key they stand for the whole row where it is read back.</summary>
    internal (double, double) Sums => (Reference[0].Sum, Mismatched?.Sum ?? Reference[1].Sum);

    /// <summary>The first thing that is wrong with the row under <paramref name="contractDigest"/>; null where nothing is.</summary>
    internal string? Fault(string contractDigest) =>
        Tokens.Completions.Zip(Reference).Select(pair => Fault(pair.First, pair.Second)).FirstOrDefault(fault => fault is not null)
        ?? (Mismatched is { } other && !double.IsFinite(other.Sum) ? "its ref_kl_logps is not finite" : null)
        ?? (Cache.RowKey.Of(contractDigest, Tokens) == RowKey ? null : "its row_key is not that of its tokens");

    static string? Fault(int[] completion, CompletionLogps logps) =>
        logps.Tokens.Length != completion.Length ? "its token ids and token log-probabilities differ in number"
        : LogpSum.Of(logps.Tokens) != logps.Sum ? "its log-probabilities are not finite, or not the sums of its tokens'"
        : null;
}

/// <summary>Another row's completion behind this row's prompt, for KTO's reference point; see <see cref="Mismatch"/>.</summary>
/// <param name="RowKey">The key of the row whose completion it is.</param>
/// <param name="Sum">The reference's log-probability of it behind this row's prompt, in nats.</param>
public sealed record MismatchedLogps(string RowKey, double Sum);
