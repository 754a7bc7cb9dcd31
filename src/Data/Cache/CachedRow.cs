using OrtDpo.Batches;

namespace OrtDpo.Data.Cache;

/// <summary>A row of the reference cache; what the reference said of it depends on the cache's kind.</summary>
public abstract record CachedRow
{
    /// <summary>Identity of the tokens under the cache's contract; see <see cref="Cache.RowKey"/>.</summary>
    public required string RowKey { get; init; }

    /// <summary>Name of the file the row came from.</summary>
    public required string Source { get; init; }

    /// <summary>Its row there, from 1.</summary>
    public required long SourceRow { get; init; }

    /// <summary>Training or held out.</summary>
    public required Split Split { get; init; }

    /// <summary>What was scored; a single completion is <see cref="PairTokens.Chosen"/>.</summary>
    public required PairTokens Tokens { get; init; }

    /// <summary>The sums among the row's numbers: with the key they stand for the whole row where it is read back.</summary>
    internal abstract (double, double) Sums { get; }

    /// <summary>The first thing that is wrong with the row under <paramref name="contractDigest"/>; null where nothing is.</summary>
    internal string? Fault(string contractDigest) =>
        ScoreFault() ?? (Cache.RowKey.Of(contractDigest, Tokens) == RowKey ? null : "its row_key is not that of its tokens");

    /// <summary>What is wrong with its numbers; null where nothing is.</summary>
    private protected abstract string? ScoreFault();

    /// <summary>What is wrong with one completion's numbers.</summary>
    private protected static string? ScoreFault(int[] completion, float[] tokenLogps, double sum) =>
        tokenLogps.Length != completion.Length ? "its token ids and token log-probabilities differ in number"
        : LogpSum.Of(tokenLogps) != sum ? "its log-probabilities are not finite, or not the sums of its tokens'"
        : null;
}
