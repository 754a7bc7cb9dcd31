namespace Parquet.Schema;

/// <summary>The types that a column can have in code.</summary>
static class ColumnType
{
    static readonly Type[] written =
        [typeof(bool), typeof(int), typeof(long), typeof(float), typeof(double), typeof(ReadOnlyMemory<char>),
            typeof(ReadOnlyMemory<byte>)];

    // Columns of a file may have these: they are listed in its schema. Integers are read; reading another is refused.
    static readonly Type[] known =
        [typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(uint), typeof(ulong), typeof(decimal), typeof(DateTime),
            typeof(DateOnly), typeof(TimeOnly), typeof(Guid)];

    /// <summary>Whether a value of <paramref name="declared"/> may be missing unless said otherwise.</summary>
    public static bool IsNullable(Type declared) => !declared.IsValueType || Nullable.GetUnderlyingType(declared) is not null;

    /// <summary>The type of a value, given the type that a program declares.</summary>
    public static Type Of(Type declared)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(string))
        {
            return typeof(ReadOnlyMemory<char>);
        }

        if (type == typeof(byte[]))
        {
            return typeof(ReadOnlyMemory<byte>);
        }

        return IsWritten(type) || known.Contains(type)
            ? type
            : throw new NotSupportedException($"A column cannot be of type {declared}. "
                + "Columns are bool, int, long, float, double, string or byte[].");
    }

    /// <summary>Whether this package writes such values.</summary>
    public static bool IsWritten(Type type) => written.Contains(type);
}
