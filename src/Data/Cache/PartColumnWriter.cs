using Parquet;
using Parquet.Schema;

namespace OrtDpo.Data.Cache;

/// <summary>Writes the columns of a row group one after the other, in the schema's order.</summary>
sealed class PartColumnWriter(ParquetRowGroupWriter group, DataField[] fields)
{
    int next;

    internal Task WriteAsync(IEnumerable<string> values) => group.WriteAsync(fields[next++], [.. values]);

    internal Task WriteAsync<T>(IEnumerable<T> values)
        where T : struct => group.WriteAsync<T>(fields[next++], values.ToArray());

    internal Task WriteListsAsync<T>(IEnumerable<T[]> lists)
        where T : struct
    {
        var field = fields[next++];
        var values = new List<T>();
        var repetitions = new List<int>();
        foreach (var list in lists)
        {
            for (var i = 0; i < list.Length; i++)
            {
                values.Add(list[i]);
                repetitions.Add(i == 0 ? 0 : 1);
            }
        }

        // Token lists are never empty, so every slot holds a value.
        var definitions = new int[values.Count];
        Array.Fill(definitions, field.MaxDefinitionLevel);
        return group.WriteAllPartsAsync<T>(field, values.ToArray(), definitions, repetitions.ToArray(), CancellationToken.None);
    }
}
