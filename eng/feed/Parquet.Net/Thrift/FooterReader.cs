using Parquet.Meta;

namespace Parquet.Thrift;

/// <summary>Reads the footer, by the field numbers of parquet.thrift.</summary>
static class FooterReader
{
    delegate T Element<T>(ref CompactReader reader, CompactType type);

    public static FileMetaData Read(ReadOnlySpan<byte> footer)
    {
        var reader = new CompactReader(footer);
        var file = new FileMetaData();
        short id = 0;
        while (reader.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1: file.Version = reader.I32(type); break;
                case 2: file.Schema = List(ref reader, type, SchemaElementReader.Read); break;
                case 3: file.NumRows = reader.I64(type); break;
                case 4: file.RowGroups = List(ref reader, type, ReadRowGroup); break;
                case 5: file.KeyValueMetadata = List(ref reader, type, ReadKeyValue); break;
                case 6: file.CreatedBy = reader.Text(type); break;
                default: reader.Skip(type); break;
            }
        }

        return file;
    }

    static RowGroup ReadRowGroup(ref CompactReader reader, CompactType element)
    {
        CompactReader.Expect(element, CompactType.Struct);
        var group = new RowGroup();
        short id = 0;
        while (reader.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1: group.Columns = List(ref reader, type, ReadChunk); break;
                case 2: group.TotalByteSize = reader.I64(type); break;
                case 3: group.NumRows = reader.I64(type); break;
                default: reader.Skip(type); break;
            }
        }

        return group;
    }

    static ColumnChunk ReadChunk(ref CompactReader reader, CompactType element)
    {
        CompactReader.Expect(element, CompactType.Struct);
        var chunk = new ColumnChunk();
        short id = 0;
        while (reader.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1: chunk.FilePath = reader.Text(type); break;
                case 2: chunk.FileOffset = reader.I64(type); break;
                case 3: chunk.MetaData = ReadColumn(ref reader, type); break;
                default: reader.Skip(type); break;
            }
        }

        return chunk;
    }

    static ColumnMetaData ReadColumn(ref CompactReader reader, CompactType element)
    {
        CompactReader.Expect(element, CompactType.Struct);
        var column = new ColumnMetaData();
        short id = 0;
        while (reader.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1: column.Type = (Meta.Type)reader.I32(type); break;
                case 2: column.Encodings = List(ref reader, type, static (ref r, t) => (Encoding)r.I32(t)); break;
                case 3: column.PathInSchema = List(ref reader, type, static (ref r, t) => r.Text(t)); break;
                case 4: column.Codec = (CompressionCodec)reader.I32(type); break;
                case 5: column.NumValues = reader.I64(type); break;
                case 6: column.TotalUncompressedSize = reader.I64(type); break;
                case 7: column.TotalCompressedSize = reader.I64(type); break;
                case 8: column.KeyValueMetadata = List(ref reader, type, ReadKeyValue); break;
                case 9: column.DataPageOffset = reader.I64(type); break;
                case 11: column.DictionaryPageOffset = reader.I64(type); break;
                default: reader.Skip(type); break;
            }
        }

        return column;
    }

    static KeyValue ReadKeyValue(ref CompactReader reader, CompactType element)
    {
        CompactReader.Expect(element, CompactType.Struct);
        var pair = new KeyValue();
        short id = 0;
        while (reader.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1: pair.Key = reader.Text(type); break;
                case 2: pair.Value = reader.Text(type); break;
                default: reader.Skip(type); break;
            }
        }

        return pair;
    }

    static List<T> List<T>(ref CompactReader reader, CompactType type, Element<T> read)
    {
        var count = reader.List(type, out var element);
        var items = new List<T>();
        for (var i = 0; i < count; i++)
        {
            items.Add(read(ref reader, element));
        }

        return items;
    }
}
