using OrtDpo.Batches;

namespace OrtDpo.Data.Cache;

/// <summary>What the rows of a cache are, and how they are laid out.</summary>
sealed class CacheKind
{
    /// <summary>Preference pairs.</summary>
    public static readonly CacheKind Pair = new("pair", RowKind.Pair, PairScoring.Rows, PairPart.Write, PairPart.Read);

    /// <summary>Unpaired feedback.</summary>
    public static readonly CacheKind Unpaired =
        new("unpaired", RowKind.Unpaired, FeedbackScoring.Rows, FeedbackPart.Write, FeedbackPart.Read);

    CacheKind(
        string name, RowKind rows, Func<PlannedPair, TokenLogps, IEnumerable<CachedRow>> rowsOf,
        Action<Stream, IReadOnlyList<CachedRow>> write, Func<string, IReadOnlyList<CachedRow>> read)
    {
        Name = name;
        Rows = rows;
        RowsOf = rowsOf;
        Write = write;
        Read = read;
    }

    /// <summary>As the manifest has it.</summary>
    public string Name { get; }

    public RowKind Rows { get; }

    /// <summary>The rows of a planned row with the log-probabilities of its two completions, which are finite.</summary>
    public Func<PlannedPair, TokenLogps, IEnumerable<CachedRow>> RowsOf { get; }

    /// <summary>Writes a part.</summary>
    public Action<Stream, IReadOnlyList<CachedRow>> Write { get; }

    /// <summary>Reads a part.</summary>
    public Func<string, IReadOnlyList<CachedRow>> Read { get; }

    /// <summary>The kind of this name; null where there is none.</summary>
    public static CacheKind? Find(string name) => name == Pair.Name ? Pair : name == Unpaired.Name ? Unpaired : null;

    public static CacheKind Of(RowKind rows) => rows == RowKind.Unpaired ? Unpaired : Pair;
}
