using Parquet;
using Parquet.Schema;

namespace OrtDpo.Data;

/// <summary>The columns of one row group that are read, below the fields that they belong to.</summary>
sealed class ParquetTree
{
    readonly string path;
    readonly ParquetRowGroupReader group;
    readonly List<ParquetLeaf> leaves = [];

    /// <summary>Reads all columns of <paramref name="group"/>.</summary>
    /// <exception cref="InvalidDataException">A column is damaged.</exception>
    /// <exception cref="NotSupportedException">A column is stored in a way that is not read.</exception>
    internal ParquetTree(string path, ParquetRowGroupReader group, ParquetSchema schema)
    {
        this.path = path;
        this.group = group;
        Fields = Nodes(schema.Fields);
    }

    internal IReadOnlyList<ParquetNode> Fields { get; }

    /// <summary>Checks, behind the last row, that nothing is left.</summary>
    /// <exception cref="InvalidDataException">A column has more rows than the group.</exception>
    internal void RequireEnd() => leaves.ForEach(leaf => leaf.RequireEnd());

    // Columns that are not read are passed over, and so are structs and lists of nothing else.
    List<ParquetNode> Nodes(IEnumerable<Field> fields) => [.. fields.Select(Node).OfType<ParquetNode>()];

    ParquetNode? Node(Field field) => field switch
    {
        DataField { IsArray: true } column => Repeated(column, column.Name),
        DataField column => ParquetColumn.IsRead(column) ? Leaf(column) : null,
        // The older form: the item itself is what repeats.
        ListField { Item: DataField { IsArray: true } item } => Repeated(item, field.Name),
        ListField list => Node(list.Item) is { } item
            ? new ParquetList(list.Name, list.MaxDefinitionLevel, list.MaxRepetitionLevel, item)
            : null,
        StructField group => Nodes(group.Fields) is { Count: > 0 } members
            ? new ParquetStruct(group.Name, group.MaxDefinitionLevel, members)
            : null,
        _ => throw ParquetSchemaCheck.Map(path, field.Name),
    };

    ParquetList? Repeated(DataField column, string name) => ParquetColumn.IsRead(column)
        ? new ParquetList(name, column.MaxDefinitionLevel, column.MaxRepetitionLevel, Leaf(column))
        : null;

    ParquetLeaf Leaf(DataField column)
    {
        try
        {
            leaves.Add(ParquetFault.Whole(path, () => ParquetColumn.Read(group, column)));
            return leaves[^1];
        }
        catch (Exception e) when (e is NotSupportedException or NotImplementedException)
        {
            throw ParquetFault.NotRead(path, group, column, e);
        }
    }
}
