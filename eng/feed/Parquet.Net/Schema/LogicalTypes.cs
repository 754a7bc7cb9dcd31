using Parquet.Meta;

namespace Parquet.Schema;

/// <summary>Between the types of a file and the types in code.</summary>
static class LogicalTypes
{
    // Members of the format's LogicalType union.
    public const int Text = 1;
    public const int Map = 2;
    public const int List = 3;
    public const int Float16 = 15;
    const int Enum = 4;
    const int Decimal = 5;
    const int Date = 6;
    const int Timestamp = 8;
    const int Uuid = 14;

    /// <summary>How a column's values are stored.</summary>
    /// <exception cref="NotSupportedException">The column's type can only be listed, not written or read.</exception>
    public static Meta.Type PhysicalOf(DataField field) => field.ClrType switch
    {
        var t when t == typeof(bool) => Meta.Type.BOOLEAN,
        var t when t == typeof(int) || t == typeof(uint) => Meta.Type.INT32,
        var t when t == typeof(sbyte) || t == typeof(byte) || t == typeof(short) || t == typeof(ushort) => Meta.Type.INT32,
        var t when t == typeof(long) || t == typeof(ulong) => Meta.Type.INT64,
        var t when t == typeof(float) => Meta.Type.FLOAT,
        var t when t == typeof(double) => Meta.Type.DOUBLE,
        var t when t == typeof(ReadOnlyMemory<char>) || t == typeof(ReadOnlyMemory<byte>) => Meta.Type.BYTE_ARRAY,
        _ => throw StandIn.Lacks($"Column '{field.Path}' is of type {field.ClrType.Name}"),
    };

    /// <summary>The type in code of a file's column.</summary>
    public static System.Type ClrOf(SchemaElement node) => (node.ConvertedType, node.LogicalKind, node.Type) switch
    {
        (_, Float16, _) => throw StandIn.Lacks($"Column '{node.Name}' is of type FLOAT16"),
        (ConvertedType.UTF8 or ConvertedType.ENUM, _, Meta.Type.BYTE_ARRAY) or (_, Text or Enum, Meta.Type.BYTE_ARRAY) => typeof(string),
        (ConvertedType.DECIMAL, _, _) or (_, Decimal, _) => typeof(decimal),
        (ConvertedType.DATE or ConvertedType.TIMESTAMP_MILLIS or ConvertedType.TIMESTAMP_MICROS, _, _) => typeof(DateTime),
        (_, Date or Timestamp, _) or (_, _, Meta.Type.INT96) => typeof(DateTime),
        (_, Uuid, _) => typeof(Guid),
        (ConvertedType.INT_8, _, _) => typeof(sbyte),
        (ConvertedType.INT_16, _, _) => typeof(short),
        (ConvertedType.UINT_8, _, _) => typeof(byte),
        (ConvertedType.UINT_16, _, _) => typeof(ushort),
        (ConvertedType.UINT_32, _, _) => typeof(uint),
        (ConvertedType.UINT_64, _, _) => typeof(ulong),
        (_, _, Meta.Type.BOOLEAN) => typeof(bool),
        (_, _, Meta.Type.INT32) => typeof(int),
        (_, _, Meta.Type.INT64) => typeof(long),
        (_, _, Meta.Type.FLOAT) => typeof(float),
        (_, _, Meta.Type.DOUBLE) => typeof(double),
        (_, _, Meta.Type.BYTE_ARRAY or Meta.Type.FIXED_LEN_BYTE_ARRAY) => typeof(byte[]),
        _ => throw new InvalidDataException($"Column '{node.Name}' has the unknown type {node.Type}."),
    };
}
