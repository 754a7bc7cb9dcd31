using Parquet.Meta;

namespace Parquet.Thrift;

/// <summary>Reads a node of the footer's schema.</summary>
static class SchemaElementReader
{
    public static SchemaElement Read(ref CompactReader reader, CompactType element)
    {
        CompactReader.Expect(element, CompactType.Struct);
        var node = new SchemaElement();
        short id = 0;
        while (reader.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1: node.Type = (Meta.Type)reader.I32(type); break;
                case 3: node.RepetitionType = (FieldRepetitionType)reader.I32(type); break;
                case 4: node.Name = reader.Text(type); break;
                case 5: node.NumChildren = reader.I32(type); break;
                case 6: node.ConvertedType = (ConvertedType)reader.I32(type); break;
                case 10: node.LogicalKind = ReadUnion(ref reader, type); break;
                default: reader.Skip(type); break;
            }
        }

        return node;
    }

    static int ReadUnion(ref CompactReader reader, CompactType element)
    {
        CompactReader.Expect(element, CompactType.Struct);
        var member = 0;
        short id = 0;
        while (reader.NextField(ref id, out var type))
        {
            member = id;
            reader.Skip(type);
        }

        return member;
    }
}
