namespace OrtDpo.Data.Cache;

/// <summary>Which shard of which cache.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Identity">What the cache is made with.</param>
/// <param name="DataDigest">Of all the data, the other shards' included.</param>
public sealed record ShardIdentity(Shard Shard, CacheIdentity Identity, string DataDigest);
