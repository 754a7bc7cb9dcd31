using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace OrtDpo.Data.Cache;

/// <summary>Reads the columns of a row group one after the other, in the schema's order.</summary>
sealed class PartColumnReader(ParquetRowGroupReader group, DataField[] fields)
{
    int next;

    /// <summary>Whether a column is left.</summary>
    internal bool HasNext => next < fields.Length;

    internal async Task<string[]> ReadTextsAsync()
    {
        var values = new string?[group.RowCount];
        await group.ReadAsync(fields[next++], values.AsMemory());
        return values!;
    }

    internal async Task<T[]> ReadAsync<T>()
        where T : struct
    {
        var values = new T[group.RowCount];
        await group.ReadAsync<T>(fields[next++], values.AsMemory());
        return values;
    }

    internal async Task<T[][]> ReadListsAsync<T>()
        where T : struct
    {
        using var column = (RawColumnData<T>)await group.ReadRawColumnDataBaseAsync(fields[next++]);
        return Cut(column.Values, column.RepetitionLevels, (int)group.RowCount);
    }

    // Repetition level 0 begins a row.
    static T[][] Cut<T>(ReadOnlySpan<T> values, ReadOnlySpan<int> repetitions, int rows)
    {
        var lists = new T[rows][];
        var start = 0;
        for (var row = 0; row < rows; row++)
        {
            var length = repetitions[(start + 1)..].IndexOf(0);
            var end = length < 0 ? repetitions.Length : start + 1 + length;
            lists[row] = values[start..end].ToArray();
            start = end;
        }

        return lists;
    }
}
