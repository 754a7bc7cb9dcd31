using System.Buffers;
using System.IO.Compression;
using Parquet.Meta;

namespace Parquet.Compression;

/// <summary>Compresses and decompresses pages.</summary>
static class Codec
{
    // Deflate reaches 1032 : 1; no page of the codecs below can be larger than this times its compressed size.
    const long HighestRatio = 1100;

    public static CompressionCodec Of(CompressionMethod method) =>
        method is CompressionMethod.None or CompressionMethod.Snappy or CompressionMethod.Gzip
            ? (CompressionCodec)method
            : throw StandIn.Lacks($"Compression {method} was asked for");

    public static ReadOnlyMemory<byte> Compress(ReadOnlyMemory<byte> page, CompressionCodec codec, CompressionLevel level)
    {
        switch (codec)
        {
            case CompressionCodec.SNAPPY:
                var output = new ArrayBufferWriter<byte>();
                SnappyCompressor.Compress(page.Span, output);
                return output.WrittenMemory;
            case CompressionCodec.GZIP:
                var stream = new MemoryStream();
                using (var gzip = new GZipStream(stream, level, leaveOpen: true))
                {
                    gzip.Write(page.Span);
                }

                return stream.GetBuffer().AsMemory(0, (int)stream.Length);
            default:
                return page;
        }
    }

    /// <exception cref="InvalidDataException">The bytes do not decompress to <paramref name="size"/> bytes.</exception>
    public static ReadOnlyMemory<byte> Decompress(ReadOnlyMemory<byte> page, CompressionCodec codec, int size)
    {
        if (codec == CompressionCodec.UNCOMPRESSED)
        {
            return page.Length == size ? page : throw WrongSize(page.Length, size);
        }

        if (codec is not (CompressionCodec.SNAPPY or CompressionCodec.GZIP))
        {
            throw StandIn.Lacks($"A column is compressed with {codec}");
        }

        if (size < 0 || size > HighestRatio * (page.Length + 1))
        {
            throw new InvalidDataException($"A page of {page.Length} compressed bytes says that it has {size} bytes; no page can.");
        }

        var result = new byte[size];
        if (codec == CompressionCodec.SNAPPY)
        {
            SnappyDecompressor.Decompress(page.Span, result);
        }
        else
        {
            Gunzip(page, result);
        }

        return result;
    }

    static void Gunzip(ReadOnlyMemory<byte> page, byte[] result)
    {
        using var gzip = new GZipStream(new MemoryStream(page.ToArray(), writable: false), CompressionMode.Decompress);
        var read = gzip.ReadAtLeast(result, result.Length, throwOnEndOfStream: false);
        if (read < result.Length || gzip.ReadByte() >= 0)
        {
            throw WrongSize(read, result.Length);
        }
    }

    static InvalidDataException WrongSize(int found, int expected) =>
        new($"A page has {found} bytes where its header announces {expected}.");
}
