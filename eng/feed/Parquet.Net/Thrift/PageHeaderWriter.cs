using System.Buffers;
using Parquet.Meta;

namespace Parquet.Thrift;

/// <summary>Writes what stands before a V1 data page.</summary>
static class PageHeaderWriter
{
    public static void Write(int uncompressedSize, int compressedSize, int numValues, IBufferWriter<byte> output)
    {
        var writer = new CompactWriter(output);
        writer.Begin();
        writer.I32(1, (int)PageType.Data);
        writer.I32(2, uncompressedSize);
        writer.I32(3, compressedSize);
        writer.Struct(5);
        writer.I32(1, numValues);
        writer.I32(2, (int)Encoding.PLAIN);
        writer.I32(3, (int)Encoding.RLE);
        writer.I32(4, (int)Encoding.RLE);
        writer.End();
        writer.End();
    }
}
