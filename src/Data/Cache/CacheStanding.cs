namespace OrtDpo.Data.Cache;

/// <summary>What of a shard lies in a folder.</summary>
/// <param name="Whole">Parts that need no scoring.</param>
/// <param name="Damaged">Parts that the manifest lists but that are missing or damaged.</param>
public sealed record CacheStanding(IReadOnlyList<CachePart> Whole, IReadOnlyList<string> Damaged)
{
    /// <summary>Reads the parts that a manifest lists; null: there is none.</summary>
    internal static CacheStanding Of(string folder, CacheManifest? manifest)
    {
        var parts = manifest?.Parts ?? [];
        var whole = parts.Where(part => CacheReading.IsIntact(folder, part)).ToList();
        return new CacheStanding(whole, [.. parts.Except(whole).Select(part => part.File)]);
    }
}
