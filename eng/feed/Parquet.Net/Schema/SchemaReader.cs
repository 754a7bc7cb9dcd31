using Parquet.Meta;

namespace Parquet.Schema;

/// <summary>Makes a schema of the footer's depth-first list of nodes.</summary>
sealed class SchemaReader(IReadOnlyList<SchemaElement> nodes)
{
    // Deeper than any data set, and shallow enough for the stack.
    const int DeepestNesting = 64;

    int next;

    /// <exception cref="InvalidDataException">The nodes are no tree, or have no columns.</exception>
    /// <exception cref="NotSupportedException">A column is a map, or a group that repeats in an older form.</exception>
    public ParquetSchema Read()
    {
        var children = Take().NumChildren ?? 0;
        var fields = ReadFields(children, depth: 0);
        return fields.Count > 0 && next == nodes.Count
            ? new ParquetSchema(fields)
            : throw new InvalidDataException($"The footer's schema has {nodes.Count} nodes, of which its root accounts for {next}, "
                + $"and {fields.Count} columns.");
    }

    List<Field> ReadFields(int count, int depth)
    {
        var fields = new List<Field>();
        for (var i = 0; i < count; i++)
        {
            fields.Add(ReadField(depth));
        }

        return fields;
    }

    Field ReadField(int depth)
    {
        var node = Take();
        if (node.Name.Length == 0 || depth > DeepestNesting)
        {
            throw new InvalidDataException(
                $"Node {next} of the footer's schema has no name, or more than {DeepestNesting} groups around it.");
        }

        var repeats = node.RepetitionType == FieldRepetitionType.REPEATED;
        if (node.NumChildren is not > 0)
        {
            var type = LogicalTypes.ClrOf(node);
            return repeats ? DataField.Repeated(node.Name, type) : new DataField(node.Name, type, IsNullable(node));
        }

        if (repeats)
        {
            throw StandIn.Lacks($"Column '{node.Name}' is a group that repeats without a list around it");
        }

        return (node.ConvertedType, node.LogicalKind) switch
        {
            (ConvertedType.LIST, _) or (_, LogicalTypes.List) => ReadList(node, depth),
            (ConvertedType.MAP or ConvertedType.MAP_KEY_VALUE, _) or (_, LogicalTypes.Map) =>
                throw StandIn.Lacks($"Column '{node.Name}' is a map"),
            _ => new StructField(node.Name, ReadFields(node.NumChildren.Value, depth + 1), IsNullable(node)),
        };
    }

    // The standard's form with three levels, whatever the group in the middle and the item are called; or a column that itself repeats.
    ListField ReadList(SchemaElement node, int depth)
    {
        if (node.NumChildren == 1 && next < nodes.Count
            && nodes[next] is { NumChildren: not > 0, RepetitionType: FieldRepetitionType.REPEATED })
        {
            return new ListField(node.Name, ReadField(depth + 1), ListField.DefaultContainerName, IsNullable(node));
        }

        var container = Take();
        return node.NumChildren == 1 && container is { NumChildren: 1, RepetitionType: FieldRepetitionType.REPEATED, Name.Length: > 0 }
            ? new ListField(node.Name, ReadField(depth + 1), container.Name, IsNullable(node))
            : throw StandIn.Lacks($"Column '{node.Name}' is a list of structs of the older form with two levels");
    }

    SchemaElement Take() => next < nodes.Count
        ? nodes[next++]
        : throw new InvalidDataException($"The footer's schema ends after {nodes.Count} nodes, but more are announced.");

    static bool IsNullable(SchemaElement node) => node.RepetitionType != FieldRepetitionType.REQUIRED;
}
