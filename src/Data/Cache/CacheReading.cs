using OrtDpo.Runs;

namespace OrtDpo.Data.Cache;

/// <summary>Reads parts of a cache and checks everything about them.</summary>
static class CacheReading
{
    /// <summary>Whether the part is there with the bytes that the manifest names.</summary>
    internal static bool IsIntact(string folder, CachePart part)
    {
        var path = Path.Combine(folder, part.File);
        return File.Exists(path) && FileDigest.OfFile(path) == part.Sha256;
    }

    /// <summary>The rows of a part.</summary>
    /// <exception cref="FileNotFoundException">The part is missing.</exception>
    /// <exception cref="InvalidDataException">The part is damaged; the message names it.</exception>
    internal static IReadOnlyList<CachedRow> ReadPart(string folder, CacheManifest manifest, CachePart part)
    {
        var path = Path.Combine(folder, part.File);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"{path} is missing, which the manifest lists. Run precompute again with the same options.", path);
        }

        // Before it is parsed: Parquet has no checksum of its own.
        var sha256 = FileDigest.OfFile(path);
        if (sha256 != part.Sha256)
        {
            throw new InvalidDataException($"{path} is damaged: its SHA-256 is {sha256[..12]}… and the manifest says {part.Sha256[..12]}…. "
                + "Run precompute again with the same options: it makes this part anew.");
        }

        var rows = CacheKind.Read(manifest.KindOfRows, path);
        Check(path, rows, part.Rows, manifest.Identity.ContractDigest);
        return rows;
    }

    /// <summary>Checks rows that were read from <paramref name="path"/>.</summary>
    internal static void Check(string path, IReadOnlyList<CachedRow> rows, int expected, string contractDigest)
    {
        if (rows.Count != expected)
        {
            throw new InvalidDataException($"{path} holds {rows.Count} rows; expected {expected}. "
                + "Run precompute again into another folder.");
        }

        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].Fault(contractDigest) is { } fault)
            {
                throw new InvalidDataException($"{path} row {i + 1} ({rows[i].Source}:{rows[i].SourceRow}): {fault}. "
                    + "Run precompute again into another folder.");
            }
        }
    }
}
