namespace OrtDpo.Data.Cache;

/// <summary>Which shard of which cache.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Identity">What the cache is made with.</param>
/// <param name="DataDigest">Of all the data, the other shards' included.</param>
public sealed record ShardIdentity(Shard Shard, CacheIdentity Identity, string DataDigest)
{
    /// <summary>The names of sets by the names of the files that are in one; null where no set has a name.</summary>
    public SortedDictionary<string, string>? EvalSets { get; init; }

    /// <summary>The shard with the sets that files of the data are in.</summary>
    /// <param name="sources">The files.</param>
    public ShardIdentity WithSets(IEnumerable<LedgerSource> sources) =>
        LedgerSource.Sets(sources) is { Count: > 0 } sets ? this with { EvalSets = sets } : this;
}
