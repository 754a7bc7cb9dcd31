using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Data.Cache;

/// <summary>A complete reference cache: what train and eval read instead of the reference.</summary>
public sealed class ReferenceCache
{
    readonly Dictionary<string, int[]> completions;

    ReferenceCache(string folder, string digest, IReadOnlyList<CacheManifest> shards, IReadOnlyList<CachedRow> rows)
    {
        Folder = folder;
        Digest = digest;
        Shards = shards;
        Rows = rows;
        completions = rows.Where(row => row.Mismatched is not null)
            .DistinctBy(row => row.RowKey)
            .ToDictionary(row => row.RowKey, row => row.Tokens.Completions[0]);
    }

    /// <summary>Where it lies.</summary>
    public string Folder { get; }

    /// <summary>SHA-256 of the cache: of its manifests' digests, one a line in the order of the shards.</summary>
    public string Digest { get; }

    /// <summary>What it was made with.</summary>
    public CacheIdentity Identity => Shards[0].Identity;

    /// <summary>What the rows are: pairs, or unpaired feedback.</summary>
    public RowKind Kind => Shards[0].KindOfRows;

    /// <summary>The manifests, by shard.</summary>
    public IReadOnlyList<CacheManifest> Shards { get; }

    /// <summary>All rows, by source, row there and key: the order depends neither on the plan nor on the shards.</summary>
    public IReadOnlyList<CachedRow> Rows { get; }

    /// <summary>The rows of <paramref name="split"/>.</summary>
    public IReadOnlyList<CachedRow> RowsOf(Split split) => [.. Rows.Where(row => row.Split == split)];

    /// <summary>The name of the set that a held-out row is judged with; null: that of all rows without one, or the row is none.</summary>
    public string? SetOf(CachedRow row) => row.Split == Split.Eval ? Shards[0].EvalSets?.GetValueOrDefault(row.Source) : null;

    /// <summary>The mismatched completion that a row of unpaired feedback was scored with.</summary>
    public int[] MismatchedOf(CachedRow row) => Mismatch.Cut(row.Tokens.Prompt, completions[row.Mismatched!.RowKey], Identity.MaxLength);

    /// <summary>Reads a cache and checks it whole: all shards and parts there, every byte and every row as the manifests say.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A part is missing.</exception>
    /// <exception cref="InvalidDataException">
    /// The folder is no cache, or the cache is incomplete, damaged, or of shards that do not belong together.
    /// </exception>
    public static ReferenceCache Open(string folder)
    {
        var manifests = RequireManifests(folder)
            .Select(file => (File: file, Manifest: CacheManifest.Read(file)))
            .OrderBy(m => m.Manifest.Shard.Index)
            .ToList();
        foreach (var (file, manifest) in manifests)
        {
            RequireComplete(file, manifest);
        }

        var shards = manifests.Select(m => m.Manifest).ToList();
        if (ShardSet.Fault(folder, shards) is { } fault)
        {
            throw new InvalidDataException(fault);
        }

        var rows = shards.SelectMany(shard => shard.Parts.SelectMany(part => CacheReading.ReadPart(folder, shard, part)));
        var cache = new ReferenceCache(
            folder,
            DigestOf(manifests.Select(m => m.File)),
            shards,
            [.. rows.OrderBy(row => row.Source, StringComparer.Ordinal)
                .ThenBy(row => row.SourceRow)
                .ThenBy(row => row.RowKey, StringComparer.Ordinal)]);
        cache.RequireMismatches();
        return cache;
    }

    /// <summary>The digest that a cache in <paramref name="folder"/> has, its parts unread.</summary>
    public static string DigestOf(string folder) =>
        DigestOf(RequireManifests(folder).OrderBy(file => CacheManifest.Read(file).Shard.Index));

    static string DigestOf(IEnumerable<string> manifests) =>
        FileDigest.OfText(string.Concat(manifests.Select(file => FileDigest.OfFile(file) + "\n")));

    /// <summary>The manifests' files.</summary>
    internal static IReadOnlyList<string> RequireManifests(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The reference cache {folder} does not exist. Make it with precompute.");
        }

        return CacheFiles.Manifests(folder) is { Count: > 0 } files
            ? files
            : throw new InvalidDataException($"{folder} holds no manifest-<i>of<n>.json: it is no reference cache. "
                + "Make one with precompute.");
    }

    // Training looks these rows up.
    void RequireMismatches()
    {
        if (Rows.FirstOrDefault(row => row.Mismatched is { } other && !completions.ContainsKey(other.RowKey)) is { } lost)
        {
            throw new InvalidDataException(
                $"{Folder}: {lost.Source}:{lost.SourceRow} has the kl_row_key of no row. Run precompute again into another folder.");
        }
    }

    internal static void RequireComplete(string file, CacheManifest manifest)
    {
        if (!manifest.Complete)
        {
            throw new InvalidDataException(
                $"{file}: the cache is not complete ({manifest.Parts.Count} of {manifest.Plan.Parts} parts are written). "
                + "Run precompute again with the same options: it continues.");
        }
    }
}
