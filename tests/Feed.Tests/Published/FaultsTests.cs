using OrtDpo.Feed.Tests.ParquetFiles;
using Parquet;
using Parquet.Data;
using Parquet.Meta.Proto;
using Parquet.Schema;

namespace OrtDpo.Feed.Tests.Published;

/// <summary>
/// What the published Parquet.Net 6.1.0 does wrong or refuses. The product works around each of these; a test that fails here says that a
/// newer version does better.
/// </summary>
public sealed class FaultsTests(FilesOfOthers files) : IClassFixture<FilesOfOthers>
{
    [SkippableTheory]
    [InlineData("pages-version-2", "ids/list/element")]
    [InlineData("nested-version-2", "messages/list/item/role")]
    public async Task Version_2_pages_of_a_column_that_repeats_are_not_implemented(string name, string column) =>
        await Assert.ThrowsAsync<NotImplementedException>(() => ReadAsync(name, column));

    [SkippableFact]
    public async Task Booleans_in_runs_are_all_read_as_false()
    {
        using var flags = (RawColumnData<bool>)await ReadAsync("booleans-version-2", "flag");

        Assert.DoesNotContain(true, flags.Values.ToArray());
    }

    [SkippableFact]
    public async Task Numbers_of_16_bits_make_the_whole_file_unreadable() =>
        await Assert.ThrowsAsync<NotSupportedException>(() => ReadAsync("float16", "half"));

    // Values and levels are right; NullableValues takes every level above 0 for a value.
    [SkippableFact]
    public async Task Nullable_values_of_nested_columns_are_out_of_place()
    {
        using var contents = (RawColumnData<ReadOnlyMemory<char>>)await ReadAsync("nested-pages", "messages/list/item/content");
        var levels = contents.DefinitionLevels.ToArray();

        Assert.Contains(1, levels);
        Assert.Equal(levels.Count(level => level > 0), contents.NullableValues.Count(text => text is not null));
    }

    // The second member of the repeated struct is taken for a column at the root, and the last column is lost.
    [Fact]
    public async Task Structs_that_repeat_in_lists_with_two_levels_are_taken_apart()
    {
        var schema = await SchemaAsync("two-level-structs");

        Assert.Equal(["list", "content"], schema.Fields.Select(field => field.Name));
        Assert.Equal("list/array/role", schema.DataFields[0].Path.ToString());
    }

    [Fact]
    public async Task Structs_with_one_member_that_repeat_in_lists_with_two_levels_are_taken_for_their_member() =>
        Assert.IsType<DataField>(((ListField)(await SchemaAsync("two-level-one-member")).Fields[0]).Item);

    [Fact]
    public async Task A_null_in_a_required_column_makes_a_file_that_cannot_be_read()
    {
        var field = new DataField<int>("count");
        var output = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(field), output))
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync<int>(field, new int?[] { 1, null });
        }

        await Assert.ThrowsAsync<ThriftProtocolException>(() => TestFile.ReadAsync(output.ToArray()));
    }

    static async Task<ParquetSchema> SchemaAsync(string name)
    {
        await using var file = File.OpenRead(Repository.Find("tests", "golden", "parquet", $"{name}.parquet"));
        await using var reader = await ParquetReader.CreateAsync(file);
        return reader.Schema;
    }

    async Task<RawColumnData> ReadAsync(string name, string column)
    {
        var (file, _) = await files.ArrowAsync(name);
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(file));
        using var group = reader.OpenRowGroupReader(0);
        return await group.ReadRawColumnDataBaseAsync(reader.Schema.FindDataField(new FieldPath(column.Split('/'))));
    }
}
