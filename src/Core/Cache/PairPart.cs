using OrtDpo.Core.Batches;
using OrtDpo.Core.Data;
using Parquet;
using Parquet.Schema;

namespace OrtDpo.Core.Cache;

/// <summary>A part file of the cache: one row group of flat and list columns, snappy-compressed.</summary>
internal static class PairPart
{
    static readonly ParquetOptions Options = new() { CompressionMethod = CompressionMethod.Snappy };

    static readonly ParquetSchema Schema = new(
        new DataField<string>("row_key", nullable: false),
        new DataField<string>("source", nullable: false),
        new DataField<long>("source_row"),
        new DataField<string>("split", nullable: false),
        List<int>("prompt_ids"),
        List<int>("chosen_ids"),
        List<int>("rejected_ids"),
        new DataField<double>("ref_chosen_logps"),
        new DataField<double>("ref_rejected_logps"),
        List<float>("ref_chosen_token_logps"),
        List<float>("ref_rejected_token_logps"));

    // Parquet.Net is asynchronous throughout; nothing here runs beside the wait.
    internal static void Write(Stream stream, IReadOnlyList<CachedPair> rows) => WriteAsync(stream, rows).GetAwaiter().GetResult();

    internal static IReadOnlyList<CachedPair> Read(string path) => ReadAsync(path).GetAwaiter().GetResult();

    static ListField List<T>(string name) => new(name, new DataField<T>("element"));

    static async Task WriteAsync(Stream stream, IReadOnlyList<CachedPair> rows)
    {
        await using var writer = await ParquetWriter.CreateAsync(Schema, stream, Options);
        using var group = writer.CreateRowGroup();
        var columns = new PartColumnWriter(group, Schema.GetDataFields());
        await columns.WriteAsync(rows.Select(r => r.RowKey));
        await columns.WriteAsync(rows.Select(r => r.Source));
        await columns.WriteAsync(rows.Select(r => r.SourceRow));
        await columns.WriteAsync(rows.Select(r => r.Split == Split.Eval ? "eval" : "train"));
        await columns.WriteListsAsync(rows.Select(r => r.Tokens.Prompt));
        await columns.WriteListsAsync(rows.Select(r => r.Tokens.Chosen));
        await columns.WriteListsAsync(rows.Select(r => r.Tokens.Rejected));
        await columns.WriteAsync(rows.Select(r => r.RefChosenLogps));
        await columns.WriteAsync(rows.Select(r => r.RefRejectedLogps));
        await columns.WriteListsAsync(rows.Select(r => r.RefChosenTokenLogps));
        await columns.WriteListsAsync(rows.Select(r => r.RefRejectedTokenLogps));
        group.CompleteValidate();
    }

    static async Task<IReadOnlyList<CachedPair>> ReadAsync(string path)
    {
        // Not by path: that overload keeps the file open when it throws.
        await using var stream = File.OpenRead(path);
        await using var reader = await ParquetReader.CreateAsync(stream, Options);
        using var group = reader.OpenRowGroupReader(0);
        var columns = new PartColumnReader(group, reader.Schema.GetDataFields());
        var keys = await columns.ReadTextsAsync();
        var sources = await columns.ReadTextsAsync();
        var sourceRows = await columns.ReadAsync<long>();
        var splits = await columns.ReadTextsAsync();
        var prompts = await columns.ReadListsAsync<int>();
        var chosen = await columns.ReadListsAsync<int>();
        var rejected = await columns.ReadListsAsync<int>();
        var chosenLogps = await columns.ReadAsync<double>();
        var rejectedLogps = await columns.ReadAsync<double>();
        var chosenTokenLogps = await columns.ReadListsAsync<float>();
        var rejectedTokenLogps = await columns.ReadListsAsync<float>();
        return [.. Enumerable.Range(0, keys.Length).Select(i => new CachedPair
        {
            RowKey = keys[i],
            Source = sources[i],
            SourceRow = sourceRows[i],
            Split = splits[i] == "eval" ? Split.Eval : Split.Train,
            Tokens = new PairTokens(prompts[i], chosen[i], rejected[i]),
            RefChosenLogps = chosenLogps[i],
            RefRejectedLogps = rejectedLogps[i],
            RefChosenTokenLogps = chosenTokenLogps[i],
            RefRejectedTokenLogps = rejectedTokenLogps[i],
        })];
    }
}
