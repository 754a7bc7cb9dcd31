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
        PartTable.Write(stream, Schema, [.. rows.Select(PartRow.Of)], async columns =>
        {
            await columns.WriteListsAsync(rows.Select(r => r.Tokens.Completions[0]));
            await columns.WriteListsAsync(rows.Select(r => r.Tokens.Completions[1]));
            await columns.WriteAsync(rows.Select(r => r.Reference[0].Sum));
            await columns.WriteAsync(rows.Select(r => r.Reference[1].Sum));
            await columns.WriteListsAsync(rows.Select(r => r.Reference[0].Tokens));
            await columns.WriteListsAsync(rows.Select(r => r.Reference[1].Tokens));
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
        return rows.Select((row, i) => row.With(
            Example.Pair(row.Prompt, chosen[i], rejected[i]),
            [new CompletionLogps(chosenLogps[i], chosenTokenLogps[i]), new CompletionLogps(rejectedLogps[i], rejectedTokenLogps[i])],
            mismatched: null)).ToList();
    });
}
