using System.Text.Json.Nodes;
using Parquet;
using Parquet.Schema;

namespace OrtDpo.Data.Tests;

public sealed class ParquetRowsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // Both were written by another program (tests/golden/parquet/provenance.json).
    [Fact]
    public void A_parquet_file_gives_the_pairs_that_json_lines_of_its_rows_give()
    {
        static List<ExampleText> Pairs(string name) => [.. PairFile.Read(Repository.Find("tests", "golden", "parquet", name), "pairs")];

        var pairs = Pairs("pairs.parquet");

        Assert.Equal(200, pairs.Count);
        Assert.Equal(Pairs("pairs.jsonl").Select(pair => pair.Facts), pairs.Select(pair => pair.Facts));
    }

    [Fact]
    public async Task Every_value_comes_as_the_json_that_stands_for_it()
    {
        var path = folder.File("all.parquet");
        await Write(path);

        Assert.Equal(
            [
                """{"text":"a","flag":true,"count":1,"share":0.5,"tags":["x","y"]}""",
                """{"text":null,"flag":false,"count":2,"share":null,"tags":[]}""",
                """{"text":"","flag":true,"count":3,"share":-2,"tags":null}""",
                """{"text":"é","flag":true,"count":4,"share":1,"tags":["z",null]}""",
            ],
            ParquetRows.Read(path, new()).Select(row => row.Value.GetRawText().Replace("\\u00E9", "é", StringComparison.Ordinal)));
        Assert.Equal([1L, 2, 3, 4], ParquetRows.Read(path, new()).Select(row => row.Number));
    }

    // Rows of DuckDB, arrow-rs and hyparquet-writer, whose packages share no code with the product's.
    [Theory]
    [InlineData("ultrafeedback-duckdb", "ultrafeedback", 60)]
    [InlineData("ultrafeedback-arrow", "ultrafeedback", 60)]
    [InlineData("human-preferences", "human-preferences", 12)]
    [InlineData("summaries", "summaries", 12)]
    [InlineData("types", "types", 4)]
    public void Nested_rows_are_those_of_json_lines(string parquet, string lines, int count)
    {
        var expected = Golden(lines + ".jsonl");

        Assert.Equal(count, expected.Count);
        Assert.Equal(expected, Golden(parquet + ".parquet"));
    }

    [Theory]
    [InlineData("values", "[1,2]", "[]", "null", "[3]")]
    [InlineData("bare", "[1,2]", "[]", "[3]")]
    public void Lists_of_values_in_the_older_form_are_read(string name, params string[] lists)
    {
        var column = name == "bare" ? "array" : "list";
        var rows = ParquetRows.Read(Repository.Find("tests", "golden", "parquet", $"two-level-{name}.parquet"), new())
            .Select(row => $"{row.Value.GetProperty(column).GetRawText()} {row.Value.GetProperty("last").GetString()}");

        Assert.Equal(lists.Select((list, i) => $"{list} row {i}"), rows);
    }

    // Parquet.Net 6.1.0 does not read such pages of lists.
    [Fact]
    public void Data_pages_of_version_2_are_refused_by_name()
    {
        var path = Repository.Find("tests", "golden", "parquet", "ultrafeedback-version-2.parquet");
        var refusal = Assert.Throws<NotSupportedException>(() => ParquetRows.Read(path, new()).Count());

        Assert.StartsWith($"{path}: column 'chosen/list/element/content' is a list in data pages of version 2.0, which is not read. "
            + "Rewrite the file with data_page_version 1.0,", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("refused-booleans.parquet", "odd/flag", "is stored with the codec UNCOMPRESSED and the encodings RLE,")]
    [InlineData("refused-codec.parquet", "odd", "is stored with the codec LZ4 and the encodings PLAIN, RLE, RLE_DICTIONARY,")]
    [InlineData("two-level-structs.parquet", "list/array", "has the type struct that repeats in the older form of lists with two levels,")]
    [InlineData("two-level-one-member.parquet", "list/array", "has the type struct that repeats in the older form of lists")]
    public void What_is_not_read_is_refused_where_it_is_asked_for_and_else_listed(string name, string column, string found)
    {
        var path = Repository.Find("tests", "golden", "parquet", name);
        var unread = new List<UnreadColumn>();
        var asked = ColumnNames.Parse($"chosen={column.Split('/')[0]}");

        Assert.NotEmpty(ParquetRows.Read(path, new(null, unread.Add)).ToList());
        Assert.Equal([column], unread.Select(c => c.Name));
        var error = Assert.Throws<NotSupportedException>(() => ParquetRows.Read(path, new(asked)).Count());
        Assert.StartsWith($"{path}: column '{column}' {found}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("refused-float16.parquet", "odd/half", "float16", "Rewrite it with 32 bits.")]
    [InlineData("refused-map.parquet", "odd/list/element/pairs", "map", "Rewrite it as a struct or as a list of structs.")]
    public void A_file_of_nothing_that_is_read_names_its_columns(string name, string column, string type, string instead)
    {
        var path = Repository.Find("tests", "golden", "parquet", name);

        var error = Assert.Throws<NotSupportedException>(() => ParquetRows.Read(path, new()).Count());
        Assert.StartsWith($"{path}: none of its columns is read: '{column}' ({type}).", error.Message, StringComparison.Ordinal);
        var asked = ColumnNames.Parse($"chosen={column.Split('/')[0]}");
        error = Assert.Throws<NotSupportedException>(() => ParquetRows.Read(path, new(asked)).Count());
        Assert.Equal($"{path}: column '{column}' has the type {type}, which is not read. {instead}", error.Message);
    }

    [Fact]
    public void A_file_that_is_cut_short_is_refused()
    {
        var whole = File.ReadAllBytes(Repository.Find("tests", "golden", "parquet", "pairs.parquet"));

        foreach (var length in new[] { 4, 100, whole.Length / 2, whole.Length - 1 })
        {
            var error = Assert.Throws<InvalidDataException>(() =>
                PairFile.Read(folder.Write("cut.parquet", whole[..length]), "cut").Count());
            Assert.Contains("cut.parquet is no whole Parquet file", error.Message, StringComparison.Ordinal);
        }
    }

    // Members in a fixed order: JSON's objects have none.
    static List<string> Golden(string name) =>
        [.. FileRows.Read(Repository.Find("tests", "golden", "parquet", name), new())
            .Select(row => Sorted(JsonNode.Parse(row.Value.GetRawText()))!.ToJsonString())];

    static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(
            members.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, Sorted(m.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    static async Task Write(string path)
    {
        var tag = new DataField<string>("element");
        var tags = new ListField("tags", tag);
        var text = new DataField<string>("text");
        var (flag, count, share) = (new DataField<bool>("flag"), new DataField<int>("count"), new DataField<double?>("share"));
        await using var file = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(text, flag, count, share, tags), file);
        using var group = writer.CreateRowGroup();
        await group.WriteAsync(text, ["a", null, "", "é"]);
        await group.WriteAsync<bool>(flag, new[] { true, false, true, true });
        await group.WriteAsync<int>(count, new[] { 1, 2, 3, 4 });
        await group.WriteAsync<double>(share, new double?[] { 0.5, null, -2, 1 });
        // Levels of a list that can be null, of items that can be: 0 no list, 1 empty, 2 no item, 3 an item.
        ReadOnlyMemory<char>[] items = ["x".AsMemory(), "y".AsMemory(), "z".AsMemory()];
        await group.WriteAllPartsAsync<ReadOnlyMemory<char>>(tag, items, new[] { 3, 3, 1, 0, 3, 2 }, new[] { 0, 1, 0, 0, 0, 1 }, default);
        group.CompleteValidate();
    }
}
