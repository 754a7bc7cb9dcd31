using Parquet;
using Parquet.Schema;

namespace OrtDpo.Feed.Tests.ParquetFiles;

/// <summary>Reads a list column and puts its rows together from the levels.</summary>
static class ListReader
{
    public static Task<IEnumerable<object?>> ReadAsync(ParquetRowGroupReader group, DataField item) => item.ClrType switch
    {
        var t when t == typeof(bool) => ReadAsync<bool>(group, item),
        var t when t == typeof(int) => ReadAsync<int>(group, item),
        var t when t == typeof(long) => ReadAsync<long>(group, item),
        var t when t == typeof(float) => ReadAsync<float>(group, item),
        var t when t == typeof(double) => ReadAsync<double>(group, item),
        var t when t == typeof(ReadOnlyMemory<char>) => ReadAsync<ReadOnlyMemory<char>>(group, item),
        _ => ReadAsync<ReadOnlyMemory<byte>>(group, item),
    };

    static async Task<IEnumerable<object?>> ReadAsync<T>(ParquetRowGroupReader group, DataField item)
        where T : struct
    {
        var slots = (int)(group.GetMetadata(item)?.MetaData ?? throw new InvalidDataException($"There is no column {item.Path}.")).NumValues;
        var (values, definitions, repetitions) = (new T[slots], new int[slots], new int[slots]);
        await group.ReadRawAsync<T>(item, values, definitions, repetitions);

        // From the item upwards: present, null (if it can be), empty list, null list (if it can be).
        var emptyList = item.MaxDefinitionLevel - (item.IsNullable ? 2 : 1);
        var rows = new List<object?>();
        var next = 0;
        for (var i = 0; i < slots; i++)
        {
            if (repetitions[i] == 0)
            {
                rows.Add(definitions[i] < emptyList ? null : new List<object?>());
            }

            if (definitions[i] > emptyList)
            {
                var list = rows[^1] as List<object?> ?? throw new InvalidDataException("A null list has items.");
                list.Add(definitions[i] == item.MaxDefinitionLevel ? values[next++] : null);
            }
        }

        return rows;
    }
}
