using OrtDpo.Feed.Tests.ParquetFiles;
using Parquet;
using Parquet.Data;
using Parquet.Meta.Proto;
using Parquet.Schema;

namespace OrtDpo.Feed.Tests.Published;

/// <summary>
/// What the published Parquet.Net 6.1.0 does wrong or refuses. The product works around each of these; a test that fails here says that a newer
/// version does better.
/// </summary>
public sealed class FaultsTests(FilesOfOthers files) : IClassFixture<FilesOfOthers>
{
    [SkippableTheory]
    [InlineData("pages-version-2", "ids/list/element")]
    public async Task Version_2_pages_of_a_column_that_repeats_are_not_implemented(string name, string column) =>
        await Assert.ThrowsAsync<NotImplementedException>(() => ReadAsync(name, column));

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

    async Task<RawColumnData> ReadAsync(string name, string column)
    {
        var (file, _) = await files.ArrowAsync(name);
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(file));
        using var group = reader.OpenRowGroupReader(0);
        return await group.ReadRawColumnDataBaseAsync(reader.Schema.FindDataField(new FieldPath(column.Split('/'))));
    }
}
