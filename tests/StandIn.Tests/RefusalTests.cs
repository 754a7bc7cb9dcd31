using OrtDpo.Feed.Tests.ParquetFiles;
using Parquet;
using Parquet.Schema;

namespace OrtDpo.StandIn.Tests;

/// <summary>What the published package does and the stand-in does not.</summary>
public sealed class RefusalTests(FilesOfOthers files) : IClassFixture<FilesOfOthers>
{
    [SkippableTheory]
    [InlineData("zstd", "ZSTD")]
    [InlineData("version-2", "DELTA_BINARY_PACKED")]
    [InlineData("map", "Column 'pairs' is a map")]
    public async Task What_it_does_not_read_is_refused_by_a_message_that_names_the_real_package(string name, string found)
    {
        var (file, _) = await files.DuckDbAsync(name);

        RequireNames(found, await Assert.ThrowsAsync<NotSupportedException>(() => TestFile.ReadAsync(file)));
    }

    [Fact]
    public async Task Writing_nested_columns_and_small_integers_is_refused_the_same_way()
    {
        Field[] fields =
        [
            new StructField("info", new DataField<int>("a")),
            new ListField("lists", new ListField("list", new DataField<int>("item"))),
            new DataField<byte>("tiny"),
        ];
        foreach (var field in fields)
        {
            var schema = new ParquetSchema(field);

            var exception = await Assert.ThrowsAsync<NotSupportedException>(() => ParquetWriter.CreateAsync(schema, new MemoryStream()));
            RequireNames(field.Name, exception);
        }
    }

    static void RequireNames(string found, NotSupportedException exception)
    {
        Assert.Contains(found, exception.Message, StringComparison.Ordinal);
        Assert.Contains("Parquet.Net", exception.Message, StringComparison.Ordinal);
    }
}
