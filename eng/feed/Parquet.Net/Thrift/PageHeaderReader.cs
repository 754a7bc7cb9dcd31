using Parquet.Meta;

namespace Parquet.Thrift;

/// <summary>Reads what stands before a page.</summary>
static class PageHeaderReader
{
    public static PageHeader Read(ReadOnlySpan<byte> data, out int headerBytes)
    {
        var reader = new CompactReader(data);
        var page = default(PageHeader);
        short id = 0;
        while (reader.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1: page = page with { Type = (PageType)reader.I32(type) }; break;
                case 2: page = page with { UncompressedSize = reader.I32(type) }; break;
                case 3: page = page with { CompressedSize = reader.I32(type) }; break;
                case 5: page = ReadData(ref reader, type, page); break;
                case 7: page = ReadDictionary(ref reader, type, page); break;
                case 8: page = ReadDataV2(ref reader, type, page); break;
                default: reader.Skip(type); break;
            }
        }

        headerBytes = reader.Position;
        return page;
    }

    static PageHeader ReadData(ref CompactReader reader, CompactType element, PageHeader page)
    {
        CompactReader.Expect(element, CompactType.Struct);
        short id = 0;
        while (reader.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1: page = page with { NumValues = reader.I32(type) }; break;
                case 2: page = page with { Encoding = (Encoding)reader.I32(type) }; break;
                case 3: page = page with { DefinitionLevelEncoding = (Encoding)reader.I32(type) }; break;
                case 4: page = page with { RepetitionLevelEncoding = (Encoding)reader.I32(type) }; break;
                default: reader.Skip(type); break;
            }
        }

        return page;
    }

    static PageHeader ReadDictionary(ref CompactReader reader, CompactType element, PageHeader page)
    {
        CompactReader.Expect(element, CompactType.Struct);
        short id = 0;
        while (reader.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1: page = page with { NumValues = reader.I32(type) }; break;
                case 2: page = page with { Encoding = (Encoding)reader.I32(type) }; break;
                default: reader.Skip(type); break;
            }
        }

        return page;
    }

    static PageHeader ReadDataV2(ref CompactReader reader, CompactType element, PageHeader page)
    {
        CompactReader.Expect(element, CompactType.Struct);
        page = page with { IsCompressed = true };
        short id = 0;
        while (reader.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1: page = page with { NumValues = reader.I32(type) }; break;
                case 4: page = page with { Encoding = (Encoding)reader.I32(type) }; break;
                case 5: page = page with { DefinitionLevelsLength = reader.I32(type) }; break;
                case 6: page = page with { RepetitionLevelsLength = reader.I32(type) }; break;
                case 7: page = page with { IsCompressed = CompactReader.Bool(type) }; break;
                default: reader.Skip(type); break;
            }
        }

        return page;
    }
}
