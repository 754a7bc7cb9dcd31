using OrtDpo.Feed.Tests.ParquetFiles;

namespace OrtDpo.StandIn.Tests;

/// <summary>What the published package does and the stand-in does not.</summary>
public sealed class RefusalTests(FilesOfOthers files) : IClassFixture<FilesOfOthers>
{
    [SkippableTheory]
    [InlineData("zstd", "ZSTD")]
    [InlineData("version-2", "DELTA_BINARY_PACKED")]
    [InlineData("struct", "struct")]
    public async Task What_it_does_not_read_is_refused_by_a_message_that_names_the_real_package(string name, string found)
    {
        var (file, _) = await files.DuckDbAsync(name);

        RequireNames(found, await Assert.ThrowsAsync<NotSupportedException>(() => TestFile.ReadAsync(file)));
    }

    static void RequireNames(string found, NotSupportedException exception)
    {
        Assert.Contains(found, exception.Message, StringComparison.Ordinal);
        Assert.Contains("Parquet.Net", exception.Message, StringComparison.Ordinal);
    }
}
