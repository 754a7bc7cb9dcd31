using OrtDpo.Core.Data;
using Parquet;
using Parquet.Schema;

namespace OrtDpo.Core.Tests.Data;

public sealed class ParquetRowsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // Both were written by another program (tests/golden/parquet/provenance.json).
    [Fact]
    public void A_parquet_file_gives_the_pairs_that_json_lines_of_its_rows_give()
    {
        static List<PairText> Pairs(string name) => [.. PairFile.Read(Repository.Find("tests", "golden", "parquet", name), "pairs")];

        var pairs = Pairs("pairs.parquet");

        Assert.Equal(200, pairs.Count);
        Assert.Equal(Pairs("pairs.jsonl"), pairs);
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
            ParquetRows.Read(path).Select(row => row.Value.GetRawText().Replace("\\u00E9", "é", StringComparison.Ordinal)));
        Assert.Equal([1L, 2, 3, 4], ParquetRows.Read(path).Select(row => row.Number));
    }

    [Fact]
    public void A_file_that_is_cut_short_is_refused()
    {
        var whole = File.ReadAllBytes(Repository.Find("tests", "golden", "parquet", "pairs.parquet"));

        foreach (var length in new[] { 4, 100, whole.Length / 2, whole.Length - 1 })
        {
            var error = Assert.Throws<InvalidDataException>(() => PairFile.Read(folder.Write("cut.parquet", whole[..length]), "cut").Count());
            Assert.Contains("cut.parquet is no whole Parquet file", error.Message, StringComparison.Ordinal);
        }
    }

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
