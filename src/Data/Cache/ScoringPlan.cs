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
    /// Positions in a batch, padding included; a longer example is a batch of its own. Between 1024 and 8192 the processor time is the same
    /// within a tenth (measured on a small model); attention's memory grows with it.
    /// </summary>
    public const int DefaultBatchTokens = 2048;

    /// <summary>Batches in a part file: what a kill loses.</summary>
    public const int DefaultPartBatches = 32;

    readonly int partBatches;

    ScoringPlan(RowKind kind, IReadOnlyList<IReadOnlyList<PlannedExample>> batches, int partBatches)
    {
        this.partBatches = partBatches;
        Kind = kind;
        Batches = batches;
        Summary = new PlanSummary(
            DigestOf(batches, partBatches),
            batches.Sum(batch => batch.Sum(planned => planned.Rows.Sum(row => row.Origins.Count))),
            batches.Sum(batch => batch.Sum(planned => planned.Rows.Count)),
            batches.Sum(batch => batch.Where(planned => planned.Known is not null).Sum(planned => planned.Rows.Count)),
            batches.Count,
            (batches.Count + partBatches - 1) / partBatches);
    }

    /// <summary>All batches in order.</summary>
    public IReadOnlyList<IReadOnlyList<PlannedExample>> Batches { get; }

    /// <summary>The plan in numbers.</summary>
    public PlanSummary Summary { get; }

    /// <summary>What the rows are.</summary>
    internal RowKind Kind { get; }

    /// <summary>Plans <paramref name="rows"/>, equal tokens once; those whose scores are known come last.</summary>
    /// <param name="rows">The rows: pairs, or unpaired feedback.</param>
    /// <param name="identity">What they are scored under.</param>
    /// <param name="known">Scores of older caches, of pairs.</param>
    /// <param name="batchTokens">Positions in a batch.</param>
    /// <param name="partBatches">Batches in a part.</param>
    /// <exception cref="InvalidDataException">Unpaired rows of a split have no second completion among them.</exception>
    public static ScoringPlan Make(
        IReadOnlyList<PreparedExample> rows,
        CacheIdentity identity,
        KnownScores known,
        int batchTokens = DefaultBatchTokens,
        int partBatches = DefaultPartBatches)
    {
        var planned = PlannedExamples.Of(rows, identity.ContractDigest, known);
        if (rows[0].Tokens.Kind == RowKind.Unpaired)
        {
            planned = Mismatch.With([.. planned], identity.MaxLength);
        }

        // Ties in length are broken by key: the plan does not depend on the order of the data.
        var distinct = planned
            .OrderBy(example => example.Known is not null)
            .ThenByDescending(example => example.Scored.Length)
            .ThenBy(example => example.Key, StringComparer.Ordinal);
        return new ScoringPlan(rows[0].Tokens.Kind, CutBatches(distinct, batchTokens), partBatches);
    }

    /// <summary>The batch of the longest row, and that with the most tokens to score: what scoring needs memory for.</summary>
    public IEnumerable<IReadOnlyList<PlannedExample>> Largest() => new[]
    {
        Batches.MaxBy(batch => batch.Count * (long)batch.Max(planned => planned.Scored.Length))!,
        Batches.MaxBy(batch => batch.Sum(planned => planned.Scored.Completions.Sum(completion => completion.Length)))!,
    }.Distinct();

    /// <summary>The batches of part <paramref name="part"/>.</summary>
    public IEnumerable<IReadOnlyList<PlannedExample>> BatchesOf(int part) => Batches.Skip(part * partBatches).Take(partBatches);

    static List<IReadOnlyList<PlannedExample>> CutBatches(IEnumerable<PlannedExample> distinct, int batchTokens)
    {
        var batches = new List<IReadOnlyList<PlannedExample>>();
        var batch = new List<PlannedExample>();
        foreach (var example in distinct)
        {
            var isFull = batch.Count > 0
                && ((batch.Count + 1) * batch[0].Scored.Length > batchTokens || example.Known is null != batch[0].Known is null);
            if (isFull)
            {
                batches.Add(batch);
                batch = [];
            }

            batch.Add(example);
        }

        if (batch.Count > 0)
        {
            batches.Add(batch);
        }

        return batches;
    }

    // The rows' origins and splits belong to the plan: a part that another assignment wrote is not this plan's.
    static string DigestOf(IReadOnlyList<IReadOnlyList<PlannedExample>> batches, int partBatches)
    {
        var text = new StringBuilder(FormattableString.Invariant($"ortdpo-plan-1 part_batches={partBatches}\n"));
        foreach (var batch in batches)
        {
            text.Append(batch[0].Known is null ? "batch\n" : "reused\n");
            foreach (var planned in batch)
            {
                text.Append(planned.Scored.Completions.Count > 2 ? $"ranked {planned.Key}\n" : "");
                foreach (var row in planned.Rows)
                {
                    Append(text, row);
                }
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    static void Append(StringBuilder text, PlannedRow row)
    {
        text.Append(row.Key).Append(row.KlRowKey is { } other ? $" kl {other}" : "").Append('\n');
        foreach (var origin in row.Origins)
        {
            var word = origin.Tokens.Known is Judgement.Label label ? label.IsDesirable ? " desirable" : " undesirable" : "";
            text.Append(FormattableString.Invariant($" {origin.SourceRow} {origin.Split}{word} {origin.Source}\n"));
        }
    }
}
