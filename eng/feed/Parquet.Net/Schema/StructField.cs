namespace Parquet.Schema;

/// <summary>A group of columns. The real package has it; making one here is refused.</summary>
public class StructField : Field
{
    /// <exception cref="NotSupportedException">Always.</exception>
    public StructField(string name, params Field[] elements)
        : base(name, SchemaType.Struct, isNullable: true) =>
        throw StandIn.Lacks($"Column '{name}' is a struct of {elements.Length} columns");

    public IReadOnlyList<Field> Fields => [];

    internal override IEnumerable<DataField> Leaves => [];
}
