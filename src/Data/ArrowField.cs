using Apache.Arrow;
using Apache.Arrow.Types;

namespace OrtDpo.Data;

/// <summary>A column that is read, or what one is made of.</summary>
/// <param name="Name">Its name in the row or struct.</param>
/// <param name="Path">Its place in the file, for messages.</param>
/// <param name="Index">Its place in the row or struct.</param>
/// <param name="IsJson">Whether its text is JSON.</param>
/// <param name="Parts">The members that are read of a struct, or what a list holds; else empty.</param>
sealed record ArrowField(string Name, string Path, int Index, bool IsJson, IReadOnlyList<ArrowField> Parts)
{
    const string Extension = "ARROW:extension:name";
    const string Json = "arrow.json";

    /// <summary>The columns of a file that are read; the others are passed over.</summary>
    /// <exception cref="NotSupportedException">One is asked for and not read, or none is read.</exception>
    internal static IReadOnlyList<ArrowField> Read(string path, Schema schema, ColumnChoice columns)
    {
        var read = new List<ArrowField>();
        for (var i = 0; i < schema.FieldsList.Count; i++)
        {
            var unread = new List<UnreadColumn>();
            var field = Of(schema.FieldsList[i], i, "", unread);
            foreach (var part in unread)
            {
                // Dates and bytes in a column that is read are left out of it; a map is part of what is said.
                if (field is not null && part.Type != "map")
                {
                    columns.Note(part);
                }
                else
                {
                    columns.PassOver(path, part, "Rewrite it as text, a truth value, a number, or lists and structs of them.");
                }
            }

            read.AddRange(field is null ? [] : [field]);
        }

        return read.Count > 0 ? read : throw new NotSupportedException($"{path}: none of its columns is read: "
            + $"{string.Join(", ", columns.Unread.Select(column => $"'{column.Name}' ({column.Type})"))}. "
            + "Write rows of text, numbers, lists and structs.");
    }

    static ArrowField? Of(Field field, int index, string around, List<UnreadColumn> unread)
    {
        var path = around.Length == 0 ? field.Name : $"{around}/{field.Name}";
        var type = field.DataType is DictionaryType dictionary ? dictionary.ValueType : field.DataType;
        var isJson = field.Metadata?.GetValueOrDefault(Extension) == Json;
        switch (type.TypeId)
        {
            case ArrowTypeId.String or ArrowTypeId.LargeString or ArrowTypeId.StringView or ArrowTypeId.Boolean or ArrowTypeId.Null
                or ArrowTypeId.Int8 or ArrowTypeId.Int16 or ArrowTypeId.Int32 or ArrowTypeId.Int64
                or ArrowTypeId.UInt8 or ArrowTypeId.UInt16 or ArrowTypeId.UInt32 or ArrowTypeId.UInt64
                or ArrowTypeId.HalfFloat or ArrowTypeId.Float or ArrowTypeId.Double:
                return new ArrowField(field.Name, path, index, isJson, []);
            case ArrowTypeId.Extension when type is ExtensionType extension:
                var stored = new Field(field.Name, extension.StorageType, field.IsNullable, [new(Extension, extension.Name)]);
                return Of(stored, index, around, unread);
            case ArrowTypeId.List or ArrowTypeId.LargeList or ArrowTypeId.FixedSizeList or ArrowTypeId.Struct
                when type is NestedType nested:
                var parts = nested.Fields.Select((part, i) => Of(part, i, path, unread)).OfType<ArrowField>().ToList();
                return parts.Count > 0 ? new ArrowField(field.Name, path, index, isJson, parts) : null;
            default:
                unread.Add(new UnreadColumn(path, type.Name));
                return null;
        }
    }
}
