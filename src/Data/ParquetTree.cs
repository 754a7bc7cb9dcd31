using Parquet;
using Parquet.Schema;

namespace OrtDpo.Data;

/// <summary>The columns of one row group, below the fields that they belong to.</summary>
sealed class ParquetTree
{
    readonly string path;
    readonly ParquetRowGroupReader group;
    readonly ColumnChoice columns;
    readonly IReadOnlySet<string> json;
    readonly List<ParquetLeaf> leaves = [];

    /// <summary>Reads all columns of <paramref name="group"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="group">The rows.</param>
    /// <param name="schema">What of the file is read.</param>
    /// <param name="json">The paths of the columns whose text is JSON.</param>
    /// <param name="columns">Which columns are asked for.</param>
    /// <exception cref="InvalidDataException">A column is damaged.</exception>
    /// <exception cref="NotSupportedException">A column that is asked for is stored in a way that is not read.</exception>
    internal ParquetTree(
        string path, ParquetRowGroupReader group, ParquetSchema schema, IReadOnlySet<string> json, ColumnChoice columns)
    {
        (this.path, this.group, this.columns, this.json) = (path, group, columns, json);
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
        DataField column => Leaf(column),
        // The older form: the item itself is what repeats.
        ListField { Item: DataField { IsArray: true } item } => Repeated(item, field.Name),
        ListField list => Node(list.Item) is { } item
            ? new ParquetList(list.Name, list.MaxDefinitionLevel, list.MaxRepetitionLevel, item)
            : null,
        StructField group => Nodes(group.Fields) is { Count: > 0 } members
            ? new ParquetStruct(group.Name, group.MaxDefinitionLevel, members)
            : null,
        _ => throw new InvalidOperationException($"Field '{field.Path}' is {field.SchemaType}, which was to be taken out."),
    };

    ParquetList? Repeated(DataField column, string name) => Leaf(column) is { } leaf
        ? new ParquetList(name, column.MaxDefinitionLevel, column.MaxRepetitionLevel, leaf)
        : null;

    ParquetLeaf? Leaf(DataField column)
    {
        var name = column.Path.ToString();
        try
        {
            leaves.Add(ParquetFault.Whole(path, () => ParquetColumn.Read(group, column, json.Contains(name))));
            return leaves[^1];
        }
        catch (Exception e) when (e is NotSupportedException or NotImplementedException)
        {
            var stored = ParquetFault.StorageOf(group, column, e);
            if (columns.Has(name.Split('/')[0]))
            {
                throw ParquetFault.NotRead(path, column, stored, e);
            }

            columns.Note(new UnreadColumn(name, stored));
            return null;
        }
    }
}
