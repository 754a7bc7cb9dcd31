using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>Rows of a reference cache as the loop takes them.</summary>
static class CachedRows
{
    public static List<TrainingRow> Of(ReferenceCache cache, Split split) => RankedRows.Join(cache.RowsOf(split).Select(
        row => new TrainingRow([row.RowKey], row.Tokens, row.Reference, row.Source, row.SourceRow)
        {
            Set = cache.SetOf(row),
            Mismatched = row.Mismatched is { } other ? new MismatchedCompletion(cache.MismatchedOf(row), other.Sum) : null,
        }));
}
