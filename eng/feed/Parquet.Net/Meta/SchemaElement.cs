namespace Parquet.Meta;

/// <summary>A node of the schema; the tree is stored depth first.</summary>
public class SchemaElement
{
    public Type? Type { get; set; }

    public FieldRepetitionType? RepetitionType { get; set; }

    public string Name { get; set; } = "";

    /// <summary>Children of a group; null for a column.</summary>
    public int? NumChildren { get; set; }

    public ConvertedType? ConvertedType { get; set; }

    /// <summary>The member of the format's LogicalType union that is set, 0 for none.</summary>
    internal int LogicalType { get; set; }
}
