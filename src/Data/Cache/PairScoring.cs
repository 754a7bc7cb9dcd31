using OrtDpo.Batches;

namespace OrtDpo.Data.Cache;

/// <summary>Lays the numbers of a scored pair out as rows of the cache.</summary>
static class PairScoring
{
    public static IEnumerable<CachedRow> Rows(PlannedPair pair, TokenLogps logps)
    {
        var (chosen, rejected) = logps;
        var (chosenSum, rejectedSum) = (LogpSum.Of(chosen), LogpSum.Of(rejected));
        return pair.Rows.Select(row => new CachedPair
        {
            RowKey = pair.RowKey,
            Source = row.Source,
            SourceRow = row.SourceRow,
            Split = row.Split,
            Tokens = pair.Tokens,
            RefChosenLogps = chosenSum,
            RefRejectedLogps = rejectedSum,
            RefChosenTokenLogps = chosen,
            RefRejectedTokenLogps = rejected,
        });
    }
}
