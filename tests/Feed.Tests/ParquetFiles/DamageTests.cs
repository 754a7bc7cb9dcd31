using System.Diagnostics;
using Parquet;
using Parquet.Meta.Proto;

namespace OrtDpo.Feed.Tests.ParquetFiles;

/// <summary>Damaged files. The published package may hang, so only the stand-in is held to this.</summary>
public sealed class DamageTests
{
    // Alone and without load the whole of each test takes about a second.
    static readonly TimeSpan patience = TimeSpan.FromSeconds(60);

    [SkippableFact]
    public async Task Every_truncation_is_an_io_exception()
    {
        Skip.IfNot(StandIn.IsUsed, "Only the stand-in checks every length.");
        var file = await TestFile.WriteAsync(Samples.Columns, CompressionMethod.Snappy);
        var watch = Stopwatch.StartNew();
        for (var length = 0; length < file.Length; length++)
        {
            await Assert.ThrowsAnyAsync<IOException>(() => TestFile.ReadAsync(file[..length]));
        }

        Assert.True(watch.Elapsed < patience, $"{file.Length} truncations took {watch.Elapsed}.");
    }

    [SkippableTheory]
    [InlineData(CompressionMethod.None)]
    [InlineData(CompressionMethod.Snappy)]
    [InlineData(CompressionMethod.Gzip)]
    public async Task A_flipped_bit_is_noticed_or_harmless_and_never_hangs(CompressionMethod compression)
    {
        Skip.IfNot(StandIn.IsUsed, "Only the stand-in checks every length.");
        var file = await TestFile.WriteAsync(Samples.Columns, compression);
        var watch = Stopwatch.StartNew();
        for (var at = 0; at < file.Length; at++)
        {
            foreach (var mask in new byte[] { 0x01, 0x10, 0x80, 0xFF })
            {
                file[at] ^= mask;
                await ReadOrRefuseAsync(file);
                file[at] ^= mask;
            }
        }

        Assert.True(watch.Elapsed < patience, $"{4 * file.Length} flips took {watch.Elapsed}.");
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(11)]
    public async Task A_file_too_short_for_a_footer_is_an_io_exception(int length)
    {
        var exception = await Assert.ThrowsAnyAsync<IOException>(() => TestFile.ReadAsync("PAR1PAR1PAR1"u8[..length].ToArray()));

        Assert.NotEmpty(exception.Message);
    }

    static async Task ReadOrRefuseAsync(byte[] file)
    {
        try
        {
            await TestFile.ReadAsync(file);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or ThriftProtocolException or NotSupportedException or ParquetException)
        {
            Assert.NotEmpty(exception.Message);
        }
    }
}
