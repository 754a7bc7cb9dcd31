using System.Diagnostics;
using OrtDpo.Feed.Tests.ParquetFiles;
using Parquet;
using Parquet.Meta.Proto;

namespace OrtDpo.StandIn.Tests;

/// <summary>Damaged files. The published package may hang, so only the stand-in is held to this.</summary>
public sealed class BitFlipTests
{
    // Alone and without load the whole of each test takes about a second.
    static readonly TimeSpan patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(CompressionMethod.None)]
    [InlineData(CompressionMethod.Snappy)]
    [InlineData(CompressionMethod.Gzip)]
    public async Task A_flipped_bit_is_noticed_or_harmless_and_never_hangs(CompressionMethod compression) =>
        await FlipAsync(await TestFile.WriteAsync(Samples.Columns, compression), TestFile.ReadAsync);

    internal static async Task FlipAsync(byte[] file, Func<byte[], Task> read)
    {
        var watch = Stopwatch.StartNew();
        for (var at = 0; at < file.Length; at++)
        {
            foreach (var mask in new byte[] { 0x01, 0x10, 0x80, 0xFF })
            {
                file[at] ^= mask;
                await ReadOrRefuseAsync(file, read);
                file[at] ^= mask;
            }
        }

        Assert.True(watch.Elapsed < patience, $"{4 * file.Length} flips took {watch.Elapsed}.");
    }

    static async Task ReadOrRefuseAsync(byte[] file, Func<byte[], Task> read)
    {
        try
        {
            await read(file);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or ThriftProtocolException
            or NotSupportedException or ParquetException)
        {
            Assert.NotEmpty(exception.Message);
        }
    }
}
