using OrtDpo.Batches;

namespace OrtDpo.Data.Cache;

/// <summary>Lays the numbers of scored feedback out as rows of the cache.</summary>
static class FeedbackScoring
{
    public static IEnumerable<CachedRow> Rows(PlannedPair planned, TokenLogps logps)
    {
        var (completion, mismatched) = logps;
        var (sum, mismatchedSum) = (LogpSum.Of(completion), LogpSum.Of(mismatched));
        return planned.Rows.Select(row => new CachedFeedback
        {
            RowKey = planned.RowKey,
            Source = row.Source,
            SourceRow = row.SourceRow,
            Split = row.Split,
            Tokens = row.Tokens,
            Desirable = row.Desirable!.Value,
            RefLogps = sum,
            RefTokenLogps = completion,
            KlRowKey = planned.KlRowKey!,
            RefKlLogps = mismatchedSum,
        });
    }
}
