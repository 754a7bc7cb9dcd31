namespace OrtDpo.Data.Cache;

/// <summary>Whether manifests that lie in one folder are the shards of one cache.</summary>
static class ShardSet
{
    /// <summary>What is wrong, as a sentence; null where the shards are all there and belong together.</summary>
    internal static string? Fault(string folder, IReadOnlyList<CacheManifest> shards)
    {
        var first = shards[0];
        foreach (var shard in shards.Skip(1))
        {
            if (Difference(shard, first) is { } difference)
            {
                return $"{folder}: shard {shard.Shard} was made {difference} as shard {first.Shard}. "
                    + "Put only parts of one cache into a folder, and run precompute again for the others.";
            }
        }

        if (shards.CountBy(shard => shard.Shard).FirstOrDefault(group => group.Value > 1) is { Value: > 1 } twice)
        {
            return $"{folder} holds {twice.Value} manifests of shard {twice.Key}. Keep one, {CacheFiles.Manifest(twice.Key)}.";
        }

        var count = first.Shard.Count;
        var missing = Enumerable.Range(1, count).Except(shards.Select(s => s.Shard.Index)).Select(i => new Shard(i, count)).ToList();
        return missing.Count == 0
            ? null
            : $"{folder} lacks shards {string.Join(", ", missing)}. "
                + "Put their parts and manifests into it, or run precompute for each of them into it.";
    }

    /// <summary>How a shard differs from another one of the same cache, in words that follow "was made"; null where it does not.</summary>
    internal static string? Difference(CacheManifest shard, CacheManifest other)
    {
        if (shard.Shard.Count != other.Shard.Count)
        {
            return $"of {shard.Shard.Count} shards and not of {other.Shard.Count}";
        }

        if (shard.Kind != other.Kind)
        {
            return $"of the kind '{shard.Kind}' and not '{other.Kind}'";
        }

        if (CacheIdentity.Difference(shard.Identity, other.Identity) is { } difference)
        {
            return $"with {difference}";
        }

        if (shard.DataDigest != other.DataDigest)
        {
            return $"from data {shard.DataDigest[..12]}… and not {other.DataDigest[..12]}… (files, their names, or the options that choose "
                + "rows: what is held out, `MaxRows`, `Weights`, `Pairs`, the seed)";
        }

        return shard.Probe.Distance(other.Probe) is var distance && distance <= shard.Identity.Tolerance.Token
            ? null
            : FormattableString.Invariant($"by a reference whose fixed tokens score up to {distance:g3} nats apart, ")
                + FormattableString.Invariant($"and not at most {shard.Identity.Tolerance.Token:g3},");
    }
}
