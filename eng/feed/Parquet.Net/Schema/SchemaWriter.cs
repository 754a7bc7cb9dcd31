using Parquet.Meta;

namespace Parquet.Schema;

/// <summary>Writes a schema as the footer's depth-first list of nodes.</summary>
static class SchemaWriter
{
    public static List<SchemaElement> Write(ParquetSchema schema)
    {
        var nodes = new List<SchemaElement> { new() { Name = "schema", NumChildren = schema.Fields.Count } };
        foreach (var field in schema.Fields)
        {
            if (field is ListField list)
            {
                nodes.Add(new()
                {
                    Name = list.Name,
                    RepetitionType = Repetition(list),
                    NumChildren = 1,
                    ConvertedType = ConvertedType.LIST,
                    LogicalType = LogicalTypes.List,
                });
                nodes.Add(new() { Name = list.ContainerName, RepetitionType = FieldRepetitionType.REPEATED, NumChildren = 1 });
                nodes.Add(Leaf((DataField)list.Item));
            }
            else
            {
                nodes.Add(Leaf((DataField)field));
            }
        }

        return nodes;
    }

    static SchemaElement Leaf(DataField field)
    {
        var text = field.ClrType == typeof(ReadOnlyMemory<char>);
        return new()
        {
            Name = field.Name,
            Type = LogicalTypes.PhysicalOf(field),
            RepetitionType = Repetition(field),
            ConvertedType = text ? ConvertedType.UTF8 : null,
            LogicalType = text ? LogicalTypes.Text : 0,
        };
    }

    static FieldRepetitionType Repetition(Field field) => field.IsNullable ? FieldRepetitionType.OPTIONAL : FieldRepetitionType.REQUIRED;
}
