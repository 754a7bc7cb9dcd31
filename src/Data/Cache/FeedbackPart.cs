using OrtDpo.Batches;
using Parquet.Schema;

namespace OrtDpo.Data.Cache;

/// <summary>A part file of a cache of unpaired feedback.</summary>
static class FeedbackPart
{
    static readonly ParquetSchema Schema = PartTable.Schema(
        PartTable.List<int>("completion_ids"),
        new DataField<bool>("label"),
        new DataField<double>("ref_logps"),
        PartTable.List<float>("ref_token_logps"),
        new DataField<string>("kl_row_key", nullable: false),
        new DataField<double>("ref_kl_logps"));

    public static void Write(Stream stream, IReadOnlyList<CachedRow> rows)
    {
        CachedFeedback[] feedback = [.. rows.Cast<CachedFeedback>()];
        PartTable.Write(stream, Schema, [.. rows.Select(RowOrigin.Of)], async columns =>
        {
            await columns.WriteListsAsync(feedback.Select(r => r.Tokens.Chosen));
            await columns.WriteAsync(feedback.Select(r => r.Desirable));
            await columns.WriteAsync(feedback.Select(r => r.RefLogps));
            await columns.WriteListsAsync(feedback.Select(r => r.RefTokenLogps));
            await columns.WriteAsync(feedback.Select(r => r.KlRowKey));
            await columns.WriteAsync(feedback.Select(r => r.RefKlLogps));
        });
    }

    public static IReadOnlyList<CachedRow> Read(string path) => PartTable.Read(path, async (rows, columns) =>
    {
        var completions = await columns.ReadListsAsync<int>();
        var labels = await columns.ReadAsync<bool>();
        var logps = await columns.ReadAsync<double>();
        var tokenLogps = await columns.ReadListsAsync<float>();
        var klRowKeys = await columns.ReadTextsAsync();
        var klLogps = await columns.ReadAsync<double>();
        return rows.Select((row, i) => new CachedFeedback
        {
            RowKey = row.RowKey,
            Source = row.Source,
            SourceRow = row.SourceRow,
            Split = row.Split,
            Tokens = new PairTokens(row.Prompt, completions[i], []),
            Desirable = labels[i],
            RefLogps = logps[i],
            RefTokenLogps = tokenLogps[i],
            KlRowKey = klRowKeys[i],
            RefKlLogps = klLogps[i],
        }).ToList();
    });
}
