using System.Security.Cryptography;
using System.Text;
using OrtDpo.Core.Data;

namespace OrtDpo.Core.Cache;

/// <summary>
/// What is scored together and where it is written, fixed before anything is scored: a killed run continues with the same batches. Batches are
/// sorted by length, longest first, so that a machine with too little memory says so at once.
/// </summary>
public sealed class ScoringPlan
{
    /// <summary>
    /// Positions in a batch, padding included; a longer pair is a batch of its own. Between 1024 and 8192 the processor time is the same within
    /// a tenth (measured on a small model); attention's memory grows with it.
    /// </summary>
    public const int DefaultBatchTokens = 2048;

    /// <summary>Batches in a part file: what a kill loses.</summary>
    public const int DefaultPartBatches = 32;

    readonly int partBatches;

    ScoringPlan(IReadOnlyList<IReadOnlyList<PlannedPair>> batches, int partBatches)
    {
        this.partBatches = partBatches;
        Batches = batches;
        Summary = new PlanSummary(
            DigestOf(batches, partBatches),
            batches.Sum(batch => batch.Sum(pair => pair.Rows.Count)),
            batches.Sum(batch => batch.Count),
            batches.Count,
            (batches.Count + partBatches - 1) / partBatches);
    }

    /// <summary>All batches in order.</summary>
    public IReadOnlyList<IReadOnlyList<PlannedPair>> Batches { get; }

    /// <summary>The plan in numbers.</summary>
    public PlanSummary Summary { get; }

    /// <summary>Plans <paramref name="pairs"/>, equal tokens once.</summary>
    /// <param name="pairs">The rows.</param>
    /// <param name="contractDigest">Of the contract they are scored under.</param>
    /// <param name="batchTokens">Positions in a batch.</param>
    /// <param name="partBatches">Batches in a part.</param>
    public static ScoringPlan Make(
        IReadOnlyList<PreparedPair> pairs,
        string contractDigest,
        int batchTokens = DefaultBatchTokens,
        int partBatches = DefaultPartBatches)
    {
        // Ties in length are broken by key: the plan does not depend on the order of the data.
        var distinct = pairs
            .GroupBy(pair => RowKey.Of(contractDigest, pair.Tokens))
            .Select(rows => new PlannedPair(rows.Key, rows.First().Tokens, [.. rows.OrderBy(r => r.Source, StringComparer.Ordinal).ThenBy(r => r.SourceRow)]))
            .OrderByDescending(pair => pair.Tokens.Length)
            .ThenBy(pair => pair.RowKey, StringComparer.Ordinal);
        var batches = new List<IReadOnlyList<PlannedPair>>();
        var batch = new List<PlannedPair>();
        foreach (var pair in distinct)
        {
            if (batch.Count > 0 && (batch.Count + 1) * batch[0].Tokens.Length > batchTokens)
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

        return new ScoringPlan(batches, partBatches);
    }

    /// <summary>The batches of part <paramref name="part"/>.</summary>
    public IEnumerable<IReadOnlyList<PlannedPair>> BatchesOf(int part) => Batches.Skip(part * partBatches).Take(partBatches);

    // The rows' origins and splits belong to the plan: a part that another assignment wrote is not this plan's.
    static string DigestOf(IReadOnlyList<IReadOnlyList<PlannedPair>> batches, int partBatches)
    {
        var text = new StringBuilder(FormattableString.Invariant($"ortdpo-plan-1 part_batches={partBatches}\n"));
        foreach (var batch in batches)
        {
            text.Append("batch\n");
            foreach (var pair in batch)
            {
                text.Append(pair.RowKey).Append('\n');
                foreach (var row in pair.Rows)
                {
                    text.Append(FormattableString.Invariant($" {row.SourceRow} {row.Split} {row.Source}\n"));
                }
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
