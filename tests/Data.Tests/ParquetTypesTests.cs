using Parquet;
using Parquet.Schema;

namespace OrtDpo.Data.Tests;

/// <summary>Columns of JSON, and columns of types that are not read.</summary>
public sealed class ParquetTypesTests : IDisposable
{
    const string Messages = """[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "note": null}]""";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_column_of_json_is_read_as_what_it_holds()
    {
        var path = await Json("json.parquet", [Messages, null, "null"]);

        Assert.Equal(
            [$$"""{"prompt":"p","chosen":{{Messages}}}""", """{"prompt":"p","chosen":null}""", """{"prompt":"p","chosen":null}"""],
            ParquetRows.Read(path, new()).Select(row => row.Value.GetRawText()));
    }

    [Theory]
    [InlineData("{\"a\": NaN}", "row 2: column 'chosen' is of the type JSON, and its text is not valid JSON")]
    [InlineData("", "row 2: column 'chosen' is of the type JSON, and its text is not valid JSON")]
    [InlineData("[\"\\ud800\"]", "row 2: 'chosen' holds half of a surrogate pair")]
    [InlineData("{\"a\": 1, \"a\": 2}", "row 2: not valid JSON (Duplicate property")]
    public async Task A_cell_that_is_no_json_is_refused_by_row_and_column(string cell, string expected)
    {
        var path = await Json("json.parquet", ["1", cell]);

        var error = Assert.Throws<InvalidDataException>(() => ParquetRows.Read(path, new()).Count());

        Assert.StartsWith($"{path} {expected}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Maps_dates_decimals_and_bytes_that_nobody_asks_for_are_passed_over_and_listed()
    {
        var path = await WithMap();
        var unread = new List<UnreadColumn>();

        var rows = JsonRows.Read(path, names: null, unread.Add).Select(row => row.Value.GetRawText()).ToList();

        Assert.Equal(["""{"prompt":"p","chosen":"c","rejected":"r"}"""], rows);
        Assert.Equal(
            [new("meta", "map"), new("when", "timestamp"), new("price", "decimal"), new("blob", "bytes")], unread);
    }

    [Theory]
    [InlineData("rejected=meta", "column 'meta' has the type map, which is not read. Rewrite it as a struct")]
    [InlineData("rejected=when", "column 'when' has the type timestamp, which is not read. Rewrite it as text")]
    [InlineData("rejected=blob", "column 'blob' has the type bytes, which is not read. Rewrite it as text")]
    public async Task A_column_that_is_asked_for_is_refused_by_name_and_type(string columns, string expected)
    {
        var path = await WithMap();

        var error = Assert.Throws<NotSupportedException>(() => JsonRows.Read(path, ColumnNames.Parse(columns)).Count());

        Assert.StartsWith($"{path}: {expected}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_of_no_kind_names_the_columns_that_are_not_read()
    {
        var path = await OfNoKind();

        var error = Assert.Throws<NotSupportedException>(() => JsonRows.Read(path).Count());

        Assert.Contains("of its columns these are not read: 'info' (bytes)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pointer_of_git_lfs_is_called_one_whatever_its_name()
    {
        foreach (var name in "train.parquet train.jsonl train.json data.arrow train.csv train.jsonl.gz train.jsonl.zst".Split(' '))
        {
            LfsPointer.IsNamed(folder.File(name), () => _ = JsonRows.Read(folder.File(name)).Count());
        }
    }

    // The package writes no column of JSON: of the column's text the two marks in the footer are changed, as DuckDB and pyarrow write them.
    async Task<string> Json(string name, string?[] cells)
    {
        var path = folder.File(name);
        var (prompt, chosen) = (new DataField<string>("prompt"), new DataField<string>("chosen"));
        await using (var file = File.Create(path))
        {
            await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(prompt, chosen), file);
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(prompt, cells.Select(_ => "p").ToArray());
            await group.WriteAsync(chosen, cells);
            group.CompleteValidate();
        }

        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        // Thrift's compact form: name, converted type 0 (UTF8), logical type of one member, number 1 (STRING).
        var at = bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[.. "\u0006chosen"u8, 0x25, 0x00, 0x4C, 0x1C]);
        Assert.NotEqual(-1, at);
        (bytes[at + 8], bytes[at + 10]) = (38, 0xCC);
        return folder.Write(name, bytes);
    }

    async Task<string> OfNoKind()
    {
        var (text, info) = (new DataField<string>("summaries"), new DataField<byte[]>("info"));
        var path = folder.File("info.parquet");
        await using (var file = File.Create(path))
        {
            await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(text, info), file);
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(text, ["s"]);
            await group.WriteAsync(info, new byte[]?[] { [1] });
            group.CompleteValidate();
        }

        return path;
    }

    async Task<string> WithMap()
    {
        var path = folder.File("map.parquet");
        var texts = new[] { "prompt", "chosen", "rejected" }.Select(name => new DataField<string>(name)).ToArray();
        var (key, value) = (new DataField<string>("key", false), new DataField<string>("value"));
        var map = new MapField("meta", key, value);
        var when = new DataField<DateTime>("when");
        var (price, blob) = (new DecimalDataField("price", 9, 2), new DataField<byte[]>("blob"));
        await using var file = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema([.. texts, map, when, price, blob]), file);
        using var group = writer.CreateRowGroup();
        foreach (var text in texts)
        {
            await group.WriteAsync(text, [text.Name[..1]]);
        }

        await group.WriteAllPartsAsync<ReadOnlyMemory<char>>(key, new[] { "a".AsMemory() }, new[] { 2 }, new[] { 0 }, default);
        await group.WriteAllPartsAsync<ReadOnlyMemory<char>>(value, new[] { "b".AsMemory() }, new[] { 3 }, new[] { 0 }, default);
        await group.WriteAsync<DateTime>(when, new[] { new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc) });
        await group.WriteAsync<decimal>(price, new[] { 1.5m });
        await group.WriteAsync(blob, new byte[]?[] { [1, 2] });
        group.CompleteValidate();
        return path;
    }
}
