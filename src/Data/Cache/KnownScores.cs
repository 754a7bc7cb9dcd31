using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Data.Cache;

/// <summary>
/// Scores that older caches of the same contract hold, by row key; where completions are ranked, by the key of the prompt and one
/// completion, so that another choice of pairs scores nothing again.
/// </summary>
public sealed class KnownScores
{
    readonly Dictionary<string, IReadOnlyList<float[]>> scores = [];
    readonly List<KnownShard> shards = [];

    KnownScores()
    {
    }

    /// <summary>No older cache.</summary>
    public static KnownScores None { get; } = new();

    /// <summary>How many pairs and ranked completions are known.</summary>
    public int Count => scores.Count;

    /// <summary>The shards read, also those that hold nothing of use.</summary>
    public IReadOnlyList<KnownShard> Shards => shards;

    /// <summary>
    /// Reads what older caches hold of <paramref name="wanted"/>. They need not be complete: listed parts count. Where several hold a
    /// pair or completion, the first does.
    /// </summary>
    /// <param name="folders">The older caches.</param>
    /// <param name="identity">Of the cache to be made.</param>
    /// <param name="wanted">What of them is asked for.</param>
    /// <exception cref="DirectoryNotFoundException">A folder does not exist.</exception>
    /// <exception cref="FileNotFoundException">A listed part is missing.</exception>
    /// <exception cref="InvalidDataException">
    /// A folder is no cache, is damaged, or was scored under another contract; the message has both values.
    /// </exception>
    public static KnownScores Read(IReadOnlyList<string> folders, CacheIdentity identity, WantedScores wanted)
    {
        var known = new KnownScores();
        foreach (var folder in folders)
        {
            foreach (var file in ReferenceCache.RequireManifests(folder))
            {
                var manifest = CacheManifest.Read(file);
                RequirePairs(folder, manifest);
                RequireContract(folder, manifest.Identity, identity);
                var before = known.Count;
                foreach (var part in manifest.Parts)
                {
                    known.Add(CacheReading.ReadPart(folder, manifest, part), identity.ContractDigest, wanted);
                }

                known.shards.Add(new KnownShard(folder, manifest, FileDigest.OfFile(file), known.Count - before));
            }
        }

        return known;
    }

    /// <summary>What is known of the row of that key.</summary>
    internal IReadOnlyList<float[]>? Of(string rowKey) => scores.GetValueOrDefault(rowKey);

    /// <summary>What is known of ranked completions; null unless each of them is.</summary>
    internal IReadOnlyList<float[]>? OfEach(string contractDigest, Example ranked)
    {
        var known = new List<float[]>();
        foreach (var key in KeysOfEach(contractDigest, ranked))
        {
            if (Of(key) is not { } logps)
            {
                return null;
            }

            known.AddRange(logps);
        }

        return known;
    }

    /// <summary>The keys by which ranked completions are looked up.</summary>
    internal static IEnumerable<string> KeysOfEach(string contractDigest, Example ranked) =>
        ranked.Completions.Select(completion => RowKey.Of(contractDigest, Example.Unjudged(ranked.Prompt, completion)));

    void Add(IEnumerable<CachedRow> rows, string contractDigest, WantedScores wanted)
    {
        foreach (var row in rows)
        {
            if (wanted.Rows.Contains(row.RowKey))
            {
                scores.TryAdd(row.RowKey, [.. row.Reference.Select(logps => logps.Tokens)]);
            }

            if (wanted.Completions.Count == 0)
            {
                continue;
            }

            foreach (var (key, logps) in KeysOfEach(contractDigest, row.Tokens).Zip(row.Reference))
            {
                if (wanted.Completions.Contains(key))
                {
                    scores.TryAdd(key, [logps.Tokens]);
                }
            }
        }
    }

    // Unpaired rows are scored together with a completion that depends on all rows of the data.
    static void RequirePairs(string folder, CacheManifest manifest)
    {
        if (manifest.KindOfRows != RowKind.Pair)
        {
            throw new InvalidDataException($"{folder} holds unpaired feedback; scores are taken from caches of pairs. "
                + "Leave it out of `Reuse`.");
        }
    }

    static void RequireContract(string folder, CacheIdentity found, CacheIdentity wanted)
    {
        if (CacheIdentity.ContractDifference(found, wanted) is { } difference)
        {
            throw new InvalidDataException(
                $"{folder} was scored under another contract, with {difference}: its numbers are not this cache's. "
                + "Leave it out of `Reuse`.");
        }
    }
}

/// <summary>A shard of an older cache.</summary>
/// <param name="Folder">Where it lies.</param>
/// <param name="Manifest">What it is.</param>
/// <param name="ManifestSha256">Of the manifest's file.</param>
/// <param name="Pairs">Pairs (and ranked completions) that it alone, or before the others, gives.</param>
public sealed record KnownShard(string Folder, CacheManifest Manifest, string ManifestSha256, int Pairs)
{
    /// <summary>How the new cache's manifest names it.</summary>
    /// <param name="probe">The fixed rows, scored for the new cache.</param>
    /// <exception cref="InvalidDataException">The older cache's numbers are of other weights or other kernels.</exception>
    internal ReusedCache Reuse(ScoreProbe probe)
    {
        var (distance, allowed) = (Manifest.Probe.Distance(probe), Manifest.Identity.Tolerance.Token);
        return distance <= allowed
            ? new ReusedCache(ManifestSha256, Pairs, Manifest.Environment, distance)
            : throw new InvalidDataException(
                FormattableString.Invariant($"{Folder}: its reference scores fixed tokens up to {distance:g3} nats apart from this run's; ")
                + FormattableString.Invariant($"at most {allowed:g3} is rounding. Leave it out of `Reuse`."));
    }
}
