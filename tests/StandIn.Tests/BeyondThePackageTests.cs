using System.Text.Json.Nodes;
using OrtDpo.Feed.Tests.ParquetFiles;
using Parquet;
using Parquet.Schema;

namespace OrtDpo.StandIn.Tests;

/// <summary>What the stand-in does and the published package does not, as tests/Feed.Tests/Published shows.</summary>
public sealed class BeyondThePackageTests(FilesOfOthers files) : IClassFixture<FilesOfOthers>
{
    [SkippableTheory]
    [InlineData("pages-version-2")]
    [InlineData("booleans-version-2")]
    public async Task Version_2_pages_of_lists_and_booleans_are_read_as_written(string name)
    {
        var (file, cells) = await files.ArrowAsync(name);

        Assert.Equal(JsonNode.Parse(cells)!.ToJsonString(), (await TestFile.ReadAsync(file)).ToJsonString());
    }

    [SkippableFact]
    public async Task Slots_of_version_2_pages_of_nested_columns_are_as_the_format_says()
    {
        var (file, cells) = await files.ArrowAsync("nested-version-2");

        await NestedTests.EqualAsync(cells, file);
    }

    [Fact]
    public async Task A_null_in_a_required_column_is_an_argument_exception()
    {
        var field = new DataField<int>("count");
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(field), new MemoryStream());
        using var group = writer.CreateRowGroup();

        await Assert.ThrowsAsync<ArgumentException>(async () => await group.WriteAsync<int>(field, new int?[] { null }));
    }

    [SkippableFact]
    public async Task A_flipped_bit_in_nested_columns_is_noticed_or_harmless_and_never_hangs()
    {
        var (file, _) = await files.DuckDbAsync("nested-snappy");

        await BitFlipTests.FlipAsync(file, ReadAsync);
    }

    static async Task ReadAsync(byte[] file)
    {
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(file));
        foreach (var column in reader.Schema.DataFields)
        {
            foreach (var group in reader.RowGroups)
            {
                using var raw = await group.ReadRawColumnDataBaseAsync(column);
            }
        }
    }
}
