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
            if (field is ListField { Item: DataField { IsArray: false } item } list)
            {
                nodes.Add(new()
                {
                    Name = list.Name,
                    RepetitionType = Repetition(list),
                    NumChildren = 1,
                    ConvertedType = ConvertedType.LIST,
                    LogicalKind = LogicalTypes.List,
                });
                nodes.Add(new() { Name = list.ContainerName, RepetitionType = FieldRepetitionType.REPEATED, NumChildren = 1 });
                nodes.Add(Leaf(item));
            }
            else
            {
                nodes.Add(Leaf(field as DataField ?? throw StandIn.Lacks($"Column '{field.Name}', which is nested, was to be written")));
            }
        }

        return nodes;
    }

    static SchemaElement Leaf(DataField field)
    {
        if (!ColumnType.IsWritten(field.ClrType))
        {
            throw StandIn.Lacks($"Column '{field.Name}' of type {field.ClrType.Name} was to be written");
        }

        var text = field.ClrType == typeof(ReadOnlyMemory<char>);
        return new()
        {
            Name = field.Name,
            Type = LogicalTypes.PhysicalOf(field),
            RepetitionType = Repetition(field),
            ConvertedType = text ? ConvertedType.UTF8 : null,
            LogicalKind = text ? LogicalTypes.Text : 0,
        };
    }

    static FieldRepetitionType Repetition(Field field) => field.IsNullable ? FieldRepetitionType.OPTIONAL : FieldRepetitionType.REQUIRED;
}
