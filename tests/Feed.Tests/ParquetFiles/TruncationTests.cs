using Parquet;

namespace OrtDpo.Feed.Tests.ParquetFiles;

/// <summary>Files that are cut short.</summary>
public sealed class TruncationTests
{
    [Fact]
    public async Task Every_truncation_is_an_io_exception()
    {
        var file = await TestFile.WriteAsync(Samples.Columns, CompressionMethod.Snappy);
        for (var length = 0; length < file.Length; length++)
        {
            await Assert.ThrowsAnyAsync<IOException>(() => TestFile.ReadAsync(file[..length]));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(11)]
    public async Task A_file_too_short_for_a_footer_is_an_io_exception(int length)
    {
        var exception = await Assert.ThrowsAnyAsync<IOException>(() => TestFile.ReadAsync("PAR1PAR1PAR1"u8[..length].ToArray()));

        Assert.NotEmpty(exception.Message);
    }
}
