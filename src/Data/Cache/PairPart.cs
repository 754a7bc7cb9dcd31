using OrtDpo.Batches;
using Parquet.Schema;

namespace OrtDpo.Data.Cache;

/// <summary>A part file of a cache of pairs.</summary>
static class PairPart
{
    static readonly ParquetSchema Schema = PartTable.Schema(
        PartTable.List<int>("chosen_ids"),
        PartTable.List<int>("rejected_ids"),
        new DataField<double>("ref_chosen_logps"),
        new DataField<double>("ref_rejected_logps"),
        PartTable.List<float>("ref_chosen_token_logps"),
        PartTable.List<float>("ref_rejected_token_logps"));

    public static void Write(Stream stream, IReadOnlyList<CachedRow> rows)
    {
        CachedPair[] pairs = [.. rows.Cast<CachedPair>()];
        PartTable.Write(stream, Schema, [.. rows.Select(RowOrigin.Of)], async columns =>
        {
            await columns.WriteListsAsync(pairs.Select(r => r.Tokens.Chosen));
            await columns.WriteListsAsync(pairs.Select(r => r.Tokens.Rejected));
            await columns.WriteAsync(pairs.Select(r => r.RefChosenLogps));
            await columns.WriteAsync(pairs.Select(r => r.RefRejectedLogps));
            await columns.WriteListsAsync(pairs.Select(r => r.RefChosenTokenLogps));
            await columns.WriteListsAsync(pairs.Select(r => r.RefRejectedTokenLogps));
        });
    }

    public static IReadOnlyList<CachedRow> Read(string path) => PartTable.Read(path, async (rows, columns) =>
    {
        var chosen = await columns.ReadListsAsync<int>();
        var rejected = await columns.ReadListsAsync<int>();
        var chosenLogps = await columns.ReadAsync<double>();
        var rejectedLogps = await columns.ReadAsync<double>();
        var chosenTokenLogps = await columns.ReadListsAsync<float>();
        var rejectedTokenLogps = await columns.ReadListsAsync<float>();
        return rows.Select((row, i) => new CachedPair
        {
            RowKey = row.RowKey,
            Source = row.Source,
            SourceRow = row.SourceRow,
            Split = row.Split,
            Tokens = new PairTokens(row.Prompt, chosen[i], rejected[i]),
            RefChosenLogps = chosenLogps[i],
            RefRejectedLogps = rejectedLogps[i],
            RefChosenTokenLogps = chosenTokenLogps[i],
            RefRejectedTokenLogps = rejectedTokenLogps[i],
        }).ToList();
    });
}
