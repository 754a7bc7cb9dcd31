namespace Parquet.Schema;

/// <summary>A group of columns. It is read; a schema with one is not written.</summary>
public class StructField : Field
{
    /// <exception cref="ArgumentException">There is no element.</exception>
    public StructField(string name, params Field[] elements)
        : this(name, elements, isNullable: true)
    {
    }

    internal StructField(string name, IReadOnlyList<Field> elements, bool isNullable)
        : base(name, SchemaType.Struct, isNullable) =>
        Fields = elements.Count > 0
            ? [.. elements]
            : throw new ArgumentException($"Struct '{name}' needs at least one element.", nameof(elements));

    public IReadOnlyList<Field> Fields { get; }

    internal override IEnumerable<DataField> Leaves => Fields.SelectMany(f => f.Leaves);

    internal override void Attach(FieldPath path, int definitionLevel, int repetitionLevel)
    {
        base.Attach(path, definitionLevel, repetitionLevel);
        foreach (var field in Fields)
        {
            field.Attach(path.Append(field.Name), MaxDefinitionLevel, repetitionLevel);
        }
    }
}
