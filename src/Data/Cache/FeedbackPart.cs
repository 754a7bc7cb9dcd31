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
        PartTable.Write(stream, Schema, [.. rows.Select(PartRow.Of)], async columns =>
        {
            await columns.WriteListsAsync(rows.Select(r => r.Tokens.Completions[0]));
            await columns.WriteAsync(rows.Select(r => ((Judgement.Label)r.Tokens.Known).IsDesirable));
            await columns.WriteAsync(rows.Select(r => r.Reference[0].Sum));
            await columns.WriteListsAsync(rows.Select(r => r.Reference[0].Tokens));
            await columns.WriteAsync(rows.Select(r => r.Mismatched!.RowKey));
            await columns.WriteAsync(rows.Select(r => r.Mismatched!.Sum));
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
        return rows.Select((row, i) => row.With(
            Example.Labelled(row.Prompt, completions[i], labels[i]),
            [new CompletionLogps(logps[i], tokenLogps[i])],
            new MismatchedLogps(klRowKeys[i], klLogps[i]))).ToList();
    });
}
