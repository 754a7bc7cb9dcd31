namespace Parquet.Schema;

/// <summary>The columns of a file, in order.</summary>
public sealed class ParquetSchema : IEquatable<ParquetSchema>
{
    /// <exception cref="ArgumentException">There is no field.</exception>
    public ParquetSchema(params Field[] fields)
        : this((IEnumerable<Field>)fields)
    {
    }

    /// <inheritdoc cref="ParquetSchema(Field[])"/>
    public ParquetSchema(IEnumerable<Field> fields)
    {
        Fields = [.. fields];
        if (Fields.Count == 0)
        {
            throw new ArgumentException("A schema needs at least one field.", nameof(fields));
        }

        foreach (var field in Fields)
        {
            field.Attach(new FieldPath(field.Name), definitionLevel: 0, repetitionLevel: 0);
        }

        DataFields = [.. Fields.SelectMany(f => f.Leaves)];
    }

    public IReadOnlyList<Field> Fields { get; }

    /// <summary>The columns that hold values, in the file's order.</summary>
    public DataField[] DataFields { get; }

    public Field this[int i] => Fields[i];

    public DataField[] GetDataFields() => DataFields;

    /// <summary>Finds a column at the root; for one inside a list give the <see cref="FieldPath"/>.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public DataField FindDataField(string path) => FindDataField(new FieldPath(path));

    /// <exception cref="ArgumentException">There is none.</exception>
    public DataField FindDataField(FieldPath path) =>
        DataFields.FirstOrDefault(f => f.Path.Equals(path))
            ?? throw new ArgumentException(
                $"There is no column '{path}'. Columns: {string.Join(", ", DataFields.Select(f => f.Path))}.", nameof(path));

    public bool Equals(ParquetSchema? other) =>
        other is not null && DataFields.Select(Describe).SequenceEqual(other.DataFields.Select(Describe));

    public override bool Equals(object? obj) => Equals(obj as ParquetSchema);

    public override int GetHashCode() => DataFields.Length;

    static (string, Type, int, int) Describe(DataField field) =>
        (field.Path.ToString(), field.ClrType, field.MaxDefinitionLevel, field.MaxRepetitionLevel);
}
