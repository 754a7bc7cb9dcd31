using OrtDpo.Batches;
using OrtDpo.Runs;

namespace OrtDpo.Data.Cache;

/// <summary>Writes a part of a cache: under a temporary name, read back, renamed.</summary>
static class PartFile
{
    /// <summary>Writes <paramref name="rows"/> as part <paramref name="index"/>.</summary>
    /// <exception cref="InvalidDataException">What lies on the disk is not what was written.</exception>
    internal static CachePart Write(string folder, ShardIdentity shard, RowKind kind, int index, IReadOnlyList<CachedRow> rows)
    {
        var name = CacheFiles.Part(shard.Shard, index);
        var path = Path.Combine(folder, name);
        AtomicFile.Write(
            path,
            stream => CacheKind.Write(kind, stream, rows),
            temporary => RequireReadBack(temporary, kind, rows, shard.Identity.ContractDigest));
        return new CachePart(index, name, rows.Count, FileDigest.OfFile(path));
    }

    static void RequireReadBack(string path, RowKind kind, IReadOnlyList<CachedRow> written, string contractDigest)
    {
        var rows = CacheKind.Read(kind, path);
        CacheReading.Check(path, rows, written.Count, contractDigest);
        if (!rows.Select(Origin).SequenceEqual(written.Select(Origin)))
        {
            throw new InvalidDataException($"{path} does not hold the rows that were written to it. "
                + "Look after the disk, then run precompute again.");
        }

        // Keys and sums, which the check has compared with tokens and token log-probabilities, stand for these.
        static (string, string, long, Split, (double, double)) Origin(CachedRow row) =>
            (row.RowKey, row.Source, row.SourceRow, row.Split, row.Sums);
    }
}
