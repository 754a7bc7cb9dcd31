namespace Parquet.Schema;

/// <summary>A column, or a group of columns. Its levels are known once a <see cref="ParquetSchema"/> has been made of it.</summary>
public abstract class Field
{
    private protected Field(string name, SchemaType schemaType, bool isNullable)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        SchemaType = schemaType;
        IsNullable = isNullable;
        Path = new FieldPath(name);
    }

    public string Name { get; }

    /// <summary>A list's ends with the repeated group inside it.</summary>
    public FieldPath Path { get; private protected set; }

    public SchemaType SchemaType { get; }

    public bool IsNullable { get; }

    /// <summary>A list's counts the list itself.</summary>
    public int MaxRepetitionLevel { get; private protected set; }

    /// <summary>A list's counts the repeated group inside it.</summary>
    public int MaxDefinitionLevel { get; private protected set; }

    internal bool IsAttached { get; private protected set; }

    internal abstract IEnumerable<DataField> Leaves { get; }

    internal virtual void Attach(FieldPath path, int definitionLevel, int repetitionLevel)
    {
        Path = path;
        MaxDefinitionLevel = definitionLevel + (IsNullable ? 1 : 0);
        MaxRepetitionLevel = repetitionLevel;
        IsAttached = true;
    }
}
