using Parquet;
using Parquet.Schema;

namespace OrtDpo.Feed.Tests.ParquetFiles;

/// <summary>A column of a test file: its field, its rows, and how some of its rows are written.</summary>
sealed record Column(Field Field, object?[] Rows, Func<ParquetRowGroupWriter, Range, Task> Write)
{
    public static Column Required<T>(string name, params T[] rows)
        where T : struct
    {
        var field = new DataField<T>(name);
        return new(field, [.. rows.Cast<object?>()], (group, part) => group.WriteAsync<T>(field, rows[part]));
    }

    public static Column Nullable<T>(string name, params T?[] rows)
        where T : struct
    {
        var field = new DataField<T?>(name);
        return new(field, [.. rows.Cast<object?>()], (group, part) => group.WriteAsync<T>(field, rows[part]));
    }

    public static Column Text(string name, bool nullable, params string?[] rows)
    {
        var field = new DataField<string>(name, nullable);
        return new(field, rows, (group, part) => group.WriteAsync(field, rows[part]));
    }

    public static Column Bytes(string name, params byte[]?[] rows)
    {
        var field = new DataField<byte[]>(name);
        return new(field, rows, (group, part) => group.WriteAsync(field, rows[part]));
    }

    /// <summary>Lists that can be null or empty, of items that cannot be null.</summary>
    public static Column Lists<T>(string name, params T[]?[] rows)
        where T : struct =>
        ListsOf(name, new DataField<T>("element"), rows, [.. rows.Select(list => list?.Select(item => (T?)item).ToArray())]);

    /// <summary>Lists of texts, where list and text can be null.</summary>
    public static Column TextLists(string name, params string?[]?[] rows) =>
        ListsOf(name, new DataField<string>("element"), rows,
            [.. rows.Select(list => list?.Select(text => text is null ? (ReadOnlyMemory<char>?)null : text.AsMemory()).ToArray())]);

    static Column ListsOf<T>(string name, DataField item, object?[] rows, T?[]?[] lists)
        where T : struct =>
        new(new ListField(name, item), rows, (group, part) =>
        {
            var slots = lists[part].SelectMany(list => Slots(list, item.MaxDefinitionLevel, item.IsNullable)).ToArray();
            return group.WriteAllPartsAsync<T>(
                item,
                slots.Where(s => s.Value.HasValue).Select(s => s.Value!.Value).ToArray(),
                slots.Select(s => s.Definition).ToArray(),
                slots.Select(s => s.Repetition).ToArray(),
                default);
        });

    // Definition levels: 0 null list, 1 empty list, then the null item if there can be one, then the item.
    static IEnumerable<(T? Value, int Definition, int Repetition)> Slots<T>(T?[]? list, int highest, bool nullableItems)
        where T : struct
    {
        if (list is null or [])
        {
            return [(null, list is null ? 0 : 1, 0)];
        }

        Assert.True(nullableItems || list.All(item => item.HasValue));
        return list.Select((item, i) => (item, item.HasValue ? highest : highest - 1, i == 0 ? 0 : 1));
    }
}
