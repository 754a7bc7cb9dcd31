using Parquet.Meta;
using Type = Parquet.Meta.Type;

namespace OrtDpo.Data;

/// <summary>The types of Parquet's columns: text, truth values and numbers are read, and JSON, which is text.</summary>
static class ParquetTypes
{
    /// <summary>How numbers of 16 bits are called.</summary>
    internal const string Half = "float16";

    /// <summary>What a column holds that is not read; null: it is read.</summary>
    internal static string? Unread(SchemaElement node) => (node.LogicalType, node.ConvertedType, node.Type) switch
    {
        ({ FLOAT16: not null }, _, _) => Half,
        ({ DECIMAL: not null }, _, _) or (_, ConvertedType.DECIMAL, _) => "decimal",
        ({ DATE: not null }, _, _) or (_, ConvertedType.DATE, _) => "date",
        ({ TIME: not null }, _, _) or (_, ConvertedType.TIME_MILLIS or ConvertedType.TIME_MICROS, _) => "time",
        ({ TIMESTAMP: not null }, _, _) or (_, ConvertedType.TIMESTAMP_MILLIS or ConvertedType.TIMESTAMP_MICROS, _) or (_, _, Type.INT96)
            => "timestamp",
        (_, ConvertedType.INTERVAL, _) => "interval",
        ({ UUID: not null }, _, _) => "uuid",
        (_, _, Type.BOOLEAN or Type.INT32 or Type.INT64 or Type.FLOAT or Type.DOUBLE) => null,
        (_, _, Type.BYTE_ARRAY) => IsText(node) ? null : "bytes",
        (_, _, Type.FIXED_LEN_BYTE_ARRAY) => "bytes",
        _ => $"{node.Type}",
    };

    /// <summary>Whether the column's text is JSON.</summary>
    internal static bool IsJson(SchemaElement node) => node.LogicalType?.JSON is not null || node.ConvertedType == ConvertedType.JSON;

    /// <summary>Lets the package read as text what is text; JSON and the older enumerations it takes for bytes.</summary>
    internal static void AsText(SchemaElement node)
    {
        if (node.Type == Type.BYTE_ARRAY)
        {
            node.LogicalType = null;
            node.ConvertedType = ConvertedType.UTF8;
        }
    }

    static bool IsText(SchemaElement node) =>
        node.LogicalType is { STRING: not null } or { ENUM: not null }
        || node.ConvertedType is ConvertedType.UTF8 or ConvertedType.ENUM || IsJson(node);
}
