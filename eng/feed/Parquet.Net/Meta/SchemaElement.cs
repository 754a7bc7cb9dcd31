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

    /// <summary>What the values stand for; of its members only those that OrtDpo asks for.</summary>
    public LogicalType? LogicalType => LogicalKind == 0 ? null : new()
    {
        FLOAT16 = LogicalKind == Schema.LogicalTypes.Float16 ? new() : null,
        LIST = LogicalKind == Schema.LogicalTypes.List ? new() : null,
    };

    /// <summary>The member of the format's LogicalType union that is set, 0 for none.</summary>
    internal int LogicalKind { get; set; }
}

/// <summary>What a physical type stands for: one member is set.</summary>
public class LogicalType
{
    public Float16Type? FLOAT16 { get; set; }

    public ListType? LIST { get; set; }
}

/// <summary>Numbers of 16 bits.</summary>
public class Float16Type;

/// <summary>Lists.</summary>
public class ListType;
