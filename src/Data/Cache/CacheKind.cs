using OrtDpo.Batches;

namespace OrtDpo.Data.Cache;

/// <summary>What the rows of a cache are, by the name that manifests have for it, and the layout of its part files.</summary>
static class CacheKind
{
    /// <summary>The names, for messages.</summary>
    internal const string Pair = "pair";

    /// <inheritdoc cref="Pair"/>
    internal const string Unpaired = "unpaired";

    internal static string NameOf(RowKind rows) => rows == RowKind.Unpaired ? Unpaired : Pair;

    /// <summary>What the rows of a kind of this name are; null where there is none.</summary>
    internal static RowKind? Find(string name) => name switch
    {
        Pair => RowKind.Pair,
        Unpaired => RowKind.Unpaired,
        _ => null,
    };

    internal static void Write(RowKind kind, Stream stream, IReadOnlyList<CachedRow> rows)
    {
        if (kind == RowKind.Unpaired)
        {
            FeedbackPart.Write(stream, rows);
        }
        else
        {
            PairPart.Write(stream, rows);
        }
    }

    internal static IReadOnlyList<CachedRow> Read(RowKind kind, string path) =>
        kind == RowKind.Unpaired ? FeedbackPart.Read(path) : PairPart.Read(path);
}
