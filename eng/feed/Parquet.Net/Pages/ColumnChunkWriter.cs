using System.Buffers;
using System.IO.Compression;
using Parquet.Compression;
using Parquet.Meta;
using Parquet.Schema;
using Parquet.Thrift;
using Parquet.Values;

namespace Parquet.Pages;

/// <summary>Lays out one column chunk as one V1 page.</summary>
static class ColumnChunkWriter
{
    // slots: values, nulls and empty lists together; offset: where in the file the chunk will begin.
    public static (ReadOnlyMemory<byte> Bytes, ColumnChunk Chunk) Write<T>(
        DataField field, ReadOnlySpan<T> values, ReadOnlySpan<int> definitionLevels, ReadOnlySpan<int> repetitionLevels, int slots,
        CompressionCodec codec, CompressionLevel level, long offset)
        where T : struct
    {
        var page = new ArrayBufferWriter<byte>();
        Levels.WritePrefixed(repetitionLevels, field.MaxRepetitionLevel, page);
        Levels.WritePrefixed(definitionLevels, field.MaxDefinitionLevel, page);
        PlainWriter.Write(values, page);
        var body = Codec.Compress(page.WrittenMemory, codec, level);

        var bytes = new ArrayBufferWriter<byte>();
        PageHeaderWriter.Write(page.WrittenCount, body.Length, slots, bytes);
        var headerLength = bytes.WrittenCount;
        bytes.Write(body.Span);
        var column = new ColumnMetaData
        {
            Type = LogicalTypes.PhysicalOf(field),
            Encodings = [Encoding.PLAIN, Encoding.RLE],
            PathInSchema = [.. field.Path.Parts],
            Codec = codec,
            NumValues = slots,
            TotalUncompressedSize = headerLength + page.WrittenCount,
            TotalCompressedSize = bytes.WrittenCount,
            DataPageOffset = offset,
        };
        return (bytes.WrittenMemory, new ColumnChunk { FileOffset = offset, MetaData = column });
    }
}
