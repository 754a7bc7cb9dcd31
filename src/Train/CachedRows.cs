using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Training;

namespace OrtDpo.Train;

/// <summary>Rows of a reference cache as the loop takes them.</summary>
static class CachedRows
{
    public static List<TrainingRow> Of(ReferenceCache cache, Split split) =>
        [.. cache.RowsOf(split).Select(row => row switch
        {
            CachedPair pair => Row(
                pair, new(pair.RefChosenLogps, pair.RefRejectedLogps, pair.RefChosenTokenLogps, pair.RefRejectedTokenLogps)),
            CachedFeedback judged => Row(judged, new(judged.RefLogps, 0, judged.RefTokenLogps, [])) with
            {
                Feedback = new Feedback(judged.Desirable, cache.MismatchedOf(judged), judged.RefKlLogps),
            },
            _ => throw new InvalidOperationException($"A cache holds a row of {row.GetType().Name}."),
        })];

    static TrainingRow Row(CachedRow row, ReferenceLogps reference) => new(row.RowKey, row.Tokens, reference, row.Source, row.SourceRow);
}
