using System.Security.Cryptography;
using System.Text;
using OrtDpo.Batches;

namespace OrtDpo.Data.Cache;

/// <summary>
/// What is scored together and where it is written, fixed before anything is scored: a killed run continues with the same batches. Batches
/// are sorted by length, longest first, so that a machine with too little memory says so at once.
/// </summary>
public sealed class ScoringPlan
{
    /// <summary>
    /// Positions in a batch, padding included; a longer pair is a batch of its own. Between 1024 and 8192 the processor time is the same
    /// within a tenth (measured on a small model); attention's memory grows with it.
    /// </summary>
    public const int DefaultBatchTokens = 2048;

    /// <summary>Batches in a part file: what a kill loses.</summary>
    public const int DefaultPartBatches = 32;

    readonly int partBatches;

    ScoringPlan(CacheKind kind, IReadOnlyList<IReadOnlyList<PlannedPair>> batches, int partBatches)
    {
        this.partBatches = partBatches;
        Kind = kind;
        Batches = batches;
        Summary = new PlanSummary(
            DigestOf(batches, partBatches),
            batches.Sum(batch => batch.Sum(pair => pair.Rows.Count)),
            batches.Sum(batch => batch.Count),
            batches.Sum(batch => batch.Count(pair => pair.Known is not null)),
            batches.Count,
            (batches.Count + partBatches - 1) / partBatches);
    }

    /// <summary>All batches in order.</summary>
    public IReadOnlyList<IReadOnlyList<PlannedPair>> Batches { get; }

    /// <summary>The plan in numbers.</summary>
    public PlanSummary Summary { get; }

    /// <summary>The row keys of <paramref name="pairs"/> under a contract.</summary>
    public static IReadOnlySet<string> RowKeys(IReadOnlyList<PreparedPair> pairs, string contractDigest) =>
        pairs.Select(pair => RowKey.Of(contractDigest, pair.Tokens)).ToHashSet();

    /// <summary>What the rows are.</summary>
    internal CacheKind Kind { get; }

    /// <summary>Plans <paramref name="rows"/>, equal tokens once; those whose scores are known come last.</summary>
    /// <param name="rows">The rows: pairs, or unpaired feedback.</param>
    /// <param name="identity">What they are scored under.</param>
    /// <param name="known">Scores of older caches, of pairs.</param>
    /// <param name="batchTokens">Positions in a batch.</param>
    /// <param name="partBatches">Batches in a part.</param>
    /// <exception cref="InvalidDataException">Unpaired rows of a split have no second completion among them.</exception>
    public static ScoringPlan Make(
        IReadOnlyList<PreparedPair> rows,
        CacheIdentity identity,
        KnownScores known,
        int batchTokens = DefaultBatchTokens,
        int partBatches = DefaultPartBatches)
    {
        var kind = CacheKind.Of(rows[0].Tokens.IsPair ? RowKind.Pair : RowKind.Unpaired);
        var planned = rows
            .GroupBy(row => RowKey.Of(identity.ContractDigest, row.Tokens))
            .Select(same => new PlannedPair(
                same.Key,
                same.First().Tokens,
                [.. same.OrderBy(r => r.Source, StringComparer.Ordinal).ThenBy(r => r.SourceRow)],
                known.Of(same.Key),
                KlRowKey: null));
        if (kind == CacheKind.Unpaired)
        {
            planned = Mismatch.With([.. planned], identity.MaxLength);
        }

        // Ties in length are broken by key: the plan does not depend on the order of the data.
        var distinct = planned
            .OrderBy(pair => pair.Known is not null)
            .ThenByDescending(pair => pair.Tokens.Length)
            .ThenBy(pair => pair.RowKey, StringComparer.Ordinal);
        return new ScoringPlan(kind, CutBatches(distinct, batchTokens), partBatches);
    }

    /// <summary>The batches of part <paramref name="part"/>.</summary>
    public IEnumerable<IReadOnlyList<PlannedPair>> BatchesOf(int part) => Batches.Skip(part * partBatches).Take(partBatches);

    static List<IReadOnlyList<PlannedPair>> CutBatches(IEnumerable<PlannedPair> distinct, int batchTokens)
    {
        var batches = new List<IReadOnlyList<PlannedPair>>();
        var batch = new List<PlannedPair>();
        foreach (var pair in distinct)
        {
            var isFull = batch.Count > 0
                && ((batch.Count + 1) * batch[0].Tokens.Length > batchTokens || pair.Known is null != batch[0].Known is null);
            if (isFull)
            {
                batches.Add(batch);
                batch = [];
            }

            batch.Add(pair);
        }

        if (batch.Count > 0)
        {
            batches.Add(batch);
        }

        return batches;
    }

    // The rows' origins and splits belong to the plan: a part that another assignment wrote is not this plan's.
    static string DigestOf(IReadOnlyList<IReadOnlyList<PlannedPair>> batches, int partBatches)
    {
        var text = new StringBuilder(FormattableString.Invariant($"ortdpo-plan-1 part_batches={partBatches}\n"));
        foreach (var batch in batches)
        {
            text.Append(batch[0].Known is null ? "batch\n" : "reused\n");
            foreach (var pair in batch)
            {
                text.Append(pair.RowKey).Append(pair.KlRowKey is { } other ? $" kl {other}" : "").Append('\n');
                foreach (var row in pair.Rows)
                {
                    var label = row.Desirable is { } desirable ? desirable ? " desirable" : " undesirable" : "";
                    text.Append(FormattableString.Invariant($" {row.SourceRow} {row.Split}{label} {row.Source}\n"));
                }
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
