using System.Text.Json.Nodes;
using Parquet;
using Parquet.Meta;

namespace OrtDpo.Feed.Tests.ParquetFiles;

/// <summary>What other implementations write, read by Parquet.Net or its stand-in.</summary>
public sealed class OtherWritersTests(FilesOfOthers files) : IClassFixture<FilesOfOthers>
{
    [SkippableTheory]
    [InlineData("flat-plain")]
    [InlineData("flat-snappy")]
    [InlineData("flat-gzip")]
    [InlineData("lists-plain")]
    [InlineData("lists-snappy")]
    [InlineData("row-groups")]
    [InlineData("dictionary")]
    public async Task A_file_that_DuckDB_wrote_is_read_as_written(string name)
    {
        var (file, cells) = await files.DuckDbAsync(name);

        Equal(cells, await TestFile.ReadAsync(file));
    }

    [SkippableTheory]
    [InlineData("pages-plain")]
    [InlineData("pages-snappy")]
    [InlineData("pages-gzip")]
    public async Task A_file_of_many_pages_that_arrow_wrote_is_read_as_written(string name)
    {
        var (file, cells) = await files.ArrowAsync(name);

        Equal(cells, await TestFile.ReadAsync(file));
    }

    [SkippableFact]
    public async Task The_files_above_have_the_dictionaries_and_the_row_groups_that_they_are_there_for()
    {
        Assert.All((await ReadFooterAsync("dictionary")).RowGroups[0].Columns, c => Assert.Contains(Encoding.PLAIN_DICTIONARY, c.MetaData!.Encodings));
        Assert.All((await ReadFooterAsync("flat-plain")).RowGroups[0].Columns, c => Assert.Equal([Encoding.PLAIN], c.MetaData!.Encodings));
        Assert.Equal(3, (await ReadFooterAsync("row-groups")).RowGroups.Count);
    }

    async Task<FileMetaData> ReadFooterAsync(string name)
    {
        var (file, _) = await files.DuckDbAsync(name);
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(file));
        return reader.Metadata!;
    }

    static void Equal(string cells, JsonObject found) => Assert.Equal(JsonNode.Parse(cells)!.ToJsonString(), found.ToJsonString());
}
