using System.Globalization;
using OrtDpo.Runs;

namespace OrtDpo.Data.Cache;

/// <summary>The names of a cache's files.</summary>
public static class CacheFiles
{
    /// <summary>The account of the rows: <c>ledger.json</c>, or <c>ledger-&lt;i&gt;of&lt;n&gt;.json</c> of a shard.</summary>
    public static string Ledger(Shard shard) => shard == Shard.Whole ? "ledger.json" : $"ledger-{shard}.json";

    internal static string Manifest(Shard shard) => $"manifest-{shard}.json";

    internal static string Lock(Shard shard) => $".lock-{shard}";

    /// <summary>Whether a file of this name may lie in a cache that has no manifest yet.</summary>
    internal static bool Precede(string name) =>
        name.StartsWith(".lock-", StringComparison.Ordinal)
        || name.StartsWith("ledger", StringComparison.Ordinal)
        || name.EndsWith(AtomicFile.TemporarySuffix, StringComparison.Ordinal);

    internal static string Part(Shard shard, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"part-{shard}-{index:00000}.parquet");

    internal static IReadOnlyList<string> Manifests(string folder) =>
        [.. Directory.EnumerateFiles(folder, "manifest-*of*.json").Order(StringComparer.Ordinal)];
}
