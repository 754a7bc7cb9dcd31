using System.Buffers;
using Parquet.Meta;

namespace Parquet.Thrift;

/// <summary>Writes the footer, by the field numbers of parquet.thrift.</summary>
static class FooterWriter
{
    public static void Write(FileMetaData file, IBufferWriter<byte> output)
    {
        var writer = new CompactWriter(output);
        writer.Begin();
        writer.I32(1, file.Version);
        writer.List(2, CompactType.Struct, file.Schema, node => Write(writer, node));
        writer.I64(3, file.NumRows);
        writer.List(4, CompactType.Struct, file.RowGroups, group => Write(writer, group));
        WritePairs(writer, 5, file.KeyValueMetadata);
        if (file.CreatedBy is not null)
        {
            writer.Text(6, file.CreatedBy);
        }

        writer.End();
    }

    static void Write(CompactWriter writer, SchemaElement node)
    {
        writer.Begin();
        WriteOptional(writer, 1, (int?)node.Type);
        WriteOptional(writer, 3, (int?)node.RepetitionType);
        writer.Text(4, node.Name);
        WriteOptional(writer, 5, node.NumChildren);
        WriteOptional(writer, 6, (int?)node.ConvertedType);
        if (node.LogicalKind != 0)
        {
            // A union whose one member is an empty struct.
            writer.Struct(10);
            writer.Struct((short)node.LogicalKind);
            writer.End();
            writer.End();
        }

        writer.End();
    }

    static void Write(CompactWriter writer, RowGroup group)
    {
        writer.Begin();
        writer.List(1, CompactType.Struct, group.Columns, chunk => Write(writer, chunk));
        writer.I64(2, group.TotalByteSize);
        writer.I64(3, group.NumRows);
        writer.End();
    }

    static void Write(CompactWriter writer, ColumnChunk chunk)
    {
        writer.Begin();
        writer.I64(2, chunk.FileOffset);
        writer.Struct(3);
        var column = chunk.MetaData!;
        writer.I32(1, (int)column.Type);
        writer.List(2, CompactType.I32, column.Encodings, encoding => writer.Element((int)encoding));
        writer.List(3, CompactType.Binary, column.PathInSchema, writer.Element);
        writer.I32(4, (int)column.Codec);
        writer.I64(5, column.NumValues);
        writer.I64(6, column.TotalUncompressedSize);
        writer.I64(7, column.TotalCompressedSize);
        WritePairs(writer, 8, column.KeyValueMetadata);
        writer.I64(9, column.DataPageOffset);
        writer.End();
        writer.End();
    }

    static void WritePairs(CompactWriter writer, short id, List<KeyValue>? pairs)
    {
        if (pairs is not { Count: > 0 })
        {
            return;
        }

        writer.List(id, CompactType.Struct, pairs, pair =>
        {
            writer.Begin();
            writer.Text(1, pair.Key);
            if (pair.Value is not null)
            {
                writer.Text(2, pair.Value);
            }

            writer.End();
        });
    }

    static void WriteOptional(CompactWriter writer, short id, int? value)
    {
        if (value is { } number)
        {
            writer.I32(id, number);
        }
    }
}
