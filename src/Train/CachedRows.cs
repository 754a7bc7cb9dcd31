using OrtDpo.Core.Cache;
using OrtDpo.Core.Data;
using OrtDpo.Core.Training;

namespace OrtDpo.Train;

/// <summary>Rows of a reference cache as the loop takes them.</summary>
static class CachedRows
{
    public static List<TrainingRow> Of(ReferenceCache cache, Split split) =>
        [.. cache.RowsOf(split).Select(row => new TrainingRow(
            row.RowKey,
            row.Tokens,
            new ReferenceLogps(row.RefChosenLogps, row.RefRejectedLogps, row.RefChosenTokenLogps, row.RefRejectedTokenLogps),
            row.Source,
            row.SourceRow))];
}
