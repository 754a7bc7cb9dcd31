using Parquet.Meta;

namespace Parquet.Schema;

/// <summary>Makes a schema of the footer's depth-first list of nodes.</summary>
sealed class SchemaReader(IReadOnlyList<SchemaElement> nodes)
{
    int next;

    /// <exception cref="InvalidDataException">The nodes are no tree, or have no columns.</exception>
    /// <exception cref="NotSupportedException">A column is neither flat nor a list of values.</exception>
    public ParquetSchema Read()
    {
        var fields = new List<Field>();
        var children = Take().NumChildren ?? 0;
        for (var i = 0; i < children; i++)
        {
            fields.Add(ReadField());
        }

        return fields.Count > 0 && next == nodes.Count
            ? new ParquetSchema(fields)
            : throw new InvalidDataException($"The footer's schema has {nodes.Count} nodes, of which its root accounts for {next}, and {fields.Count} columns.");
    }

    Field ReadField()
    {
        var node = Named(Take());
        if (node.NumChildren is > 0)
        {
            return ReadList(node);
        }

        return node.RepetitionType == FieldRepetitionType.REPEATED
            ? throw StandIn.Lacks($"Column '{node.Name}' repeats without a list around it")
            : Leaf(node);
    }

    ListField ReadList(SchemaElement node)
    {
        if (node.ConvertedType != ConvertedType.LIST && node.LogicalType != LogicalTypes.List)
        {
            throw StandIn.Lacks($"Column '{node.Name}' is a struct or a map");
        }

        var container = Take();
        if (node.NumChildren != 1 || container.NumChildren != 1 || container.RepetitionType != FieldRepetitionType.REPEATED)
        {
            throw StandIn.Lacks($"Column '{node.Name}' is a list of structs, or of the older form with two levels");
        }

        var item = Take();
        if (item.NumChildren is > 0 || item.RepetitionType == FieldRepetitionType.REPEATED)
        {
            throw StandIn.Lacks($"Column '{node.Name}' is a list of lists or structs");
        }

        return new ListField(node.Name, Leaf(item), container.Name, IsNullable(node));
    }

    SchemaElement Take() => next < nodes.Count
        ? nodes[next++]
        : throw new InvalidDataException($"The footer's schema ends after {nodes.Count} nodes, but more are announced.");

    static DataField Leaf(SchemaElement node) => new(Named(node).Name, LogicalTypes.ClrOf(node), IsNullable(node));

    static SchemaElement Named(SchemaElement node) =>
        node.Name.Length > 0 ? node : throw new InvalidDataException("A column of the footer's schema has no name.");

    static bool IsNullable(SchemaElement node) => node.RepetitionType == FieldRepetitionType.OPTIONAL;
}
