using OrtDpo.Batches;
using Parquet;
using Parquet.Schema;

namespace OrtDpo.Data.Cache;

/// <summary>
/// A Parquet table of rows: one row group, snappy-compressed; first where a row comes from and its prompt, then what its kind has.
/// </summary>
static class PartTable
{
    static readonly ParquetOptions Options = new() { CompressionMethod = CompressionMethod.Snappy };

    /// <summary>The columns that every kind of row begins with, and then <paramref name="own"/>.</summary>
    public static ParquetSchema Schema(params Field[] own) => new(
    [
        new DataField<string>("row_key", nullable: false),
        new DataField<string>("source", nullable: false),
        new DataField<long>("source_row"),
        new DataField<string>("split", nullable: false),
        List<int>("prompt_ids"),
        .. own,
    ]);

    public static ListField List<T>(string name) => new(name, new DataField<T>("element"));

    // Parquet.Net is asynchronous throughout; nothing here runs beside the wait.
    public static void Write(Stream stream, ParquetSchema schema, IReadOnlyList<PartRow> rows, Func<PartColumnWriter, Task> own) =>
        WriteAsync(stream, schema, rows, own).GetAwaiter().GetResult();

    public static T Read<T>(string path, Func<PartRow[], PartColumnReader, Task<T>> own) => ReadAsync(path, own).GetAwaiter().GetResult();

    static async Task WriteAsync(Stream stream, ParquetSchema schema, IReadOnlyList<PartRow> rows, Func<PartColumnWriter, Task> own)
    {
        await using var writer = await ParquetWriter.CreateAsync(schema, stream, Options);
        using var group = writer.CreateRowGroup();
        var columns = new PartColumnWriter(group, schema.GetDataFields());
        await columns.WriteAsync(rows.Select(r => r.RowKey));
        await columns.WriteAsync(rows.Select(r => r.Source));
        await columns.WriteAsync(rows.Select(r => r.SourceRow));
        await columns.WriteAsync(rows.Select(r => r.Split == Split.Eval ? "eval" : "train"));
        await columns.WriteListsAsync(rows.Select(r => r.Prompt));
        await own(columns);
        group.CompleteValidate();
    }

    static async Task<T> ReadAsync<T>(string path, Func<PartRow[], PartColumnReader, Task<T>> own)
    {
        // Not by path: that overload keeps the file open when it throws.
        await using var stream = File.OpenRead(path);
        ParquetFooter.Require(stream);
        await using var reader = await ParquetReader.CreateAsync(stream, Options);
        using var group = reader.OpenRowGroupReader(0);
        var columns = new PartColumnReader(group, reader.Schema.GetDataFields());
        var keys = await columns.ReadTextsAsync();
        var sources = await columns.ReadTextsAsync();
        var sourceRows = await columns.ReadAsync<long>();
        var splits = await columns.ReadTextsAsync();
        var prompts = await columns.ReadListsAsync<int>();
        PartRow[] rows = [.. keys.Select((key, i) =>
            new PartRow(key, sources[i], sourceRows[i], splits[i] == "eval" ? Split.Eval : Split.Train, prompts[i]))];
        return await own(rows, columns);
    }
}

/// <summary>What every kind of row begins with.</summary>
readonly record struct PartRow(string RowKey, string Source, long SourceRow, Split Split, int[] Prompt)
{
    public static PartRow Of(CachedRow row) => new(row.RowKey, row.Source, row.SourceRow, row.Split, row.Tokens.Prompt);

    /// <summary>The row with the columns of its kind.</summary>
    public CachedRow With(Example tokens, IReadOnlyList<CompletionLogps> reference, MismatchedLogps? mismatched) => new()
    {
        RowKey = RowKey,
        Source = Source,
        SourceRow = SourceRow,
        Split = Split,
        Tokens = tokens,
        Reference = reference,
        Mismatched = mismatched,
    };
}
