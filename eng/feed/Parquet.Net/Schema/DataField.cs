namespace Parquet.Schema;

/// <summary>A column of values.</summary>
public class DataField : Field
{
    /// <exception cref="NotSupportedException">The type is none that a column of this package can hold.</exception>
    public DataField(string name, Type clrType, bool? isNullable = null, bool? isArray = null, string? propertyName = null)
        : base(name, SchemaType.Data, isNullable ?? ColumnType.IsNullable(clrType))
    {
        _ = propertyName;
        if (isArray == true || (clrType.IsArray && clrType != typeof(byte[])))
        {
            throw StandIn.Lacks($"Column '{name}' repeats without a list around it");
        }

        ClrType = ColumnType.Of(clrType);
    }

    /// <summary>A column that repeats without a group around it.</summary>
    internal static DataField Repeated(string name, Type clrType) => new(name, clrType, isNullable: true) { IsArray = true };

    /// <summary>The type of a value; <see cref="ReadOnlyMemory{Char}"/> for texts, <see cref="ReadOnlyMemory{Byte}"/> for bytes.</summary>
    public Type ClrType { get; }

    /// <summary>Whether the column itself repeats, as in lists of the older form with two levels. It is read, not written.</summary>
    public bool IsArray { get; private init; }

    internal override IEnumerable<DataField> Leaves => [this];

    internal override void Attach(FieldPath path, int definitionLevel, int repetitionLevel) =>
        base.Attach(path, definitionLevel, repetitionLevel + (IsArray ? 1 : 0));
}
