using System.Text.Json.Nodes;
using Parquet;
using Parquet.Schema;

namespace OrtDpo.Feed.Tests.ParquetFiles;

/// <summary>Writes columns to Parquet files, and reads any file back as cells, both through the public API.</summary>
static class TestFile
{
    /// <summary>Row counts of the row groups; one group of all rows where none are given.</summary>
    public static async Task<byte[]> WriteAsync(
        Column[] columns, CompressionMethod compression = CompressionMethod.None, int[]? groups = null, Dictionary<string, string>? metadata = null)
    {
        var output = new MemoryStream();
        var options = new ParquetOptions { CompressionMethod = compression, CompressionLevel = System.IO.Compression.CompressionLevel.Fastest };
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(columns.Select(c => c.Field)), output, options))
        {
            writer.CustomMetadata = metadata ?? [];
            var from = 0;
            foreach (var rows in groups ?? [columns[0].Rows.Length])
            {
                using var group = writer.CreateRowGroup();
                foreach (var column in columns)
                {
                    await column.Write(group, from..(from + rows));
                }

                group.CompleteValidate();
                from += rows;
            }
        }

        return output.ToArray();
    }

    /// <summary>The cells that a reader should find, by column.</summary>
    public static JsonObject Expected(params Column[] columns) =>
        new(columns.Select(c => KeyValuePair.Create(c.Field.Name, (JsonNode?)new JsonArray([.. c.Rows.Select(Cell.Of)]))));

    public static async Task<JsonObject> ReadAsync(byte[] file)
    {
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(file));
        var table = new JsonObject();
        foreach (var field in reader.Schema.Fields)
        {
            var rows = new JsonArray();
            for (var i = 0; i < reader.RowGroupCount; i++)
            {
                using var group = reader.OpenRowGroupReader(i);
                foreach (var row in await ReadAsync(group, field))
                {
                    rows.Add(Cell.Of(row));
                }
            }

            table[field.Name] = rows;
        }

        return table;
    }

    static async Task<IEnumerable<object?>> ReadAsync(ParquetRowGroupReader group, Field field)
    {
        if (field is ListField list)
        {
            return await ListReader.ReadAsync(group, (DataField)list.Item);
        }

        var column = (DataField)field;
        return column.ClrType switch
        {
            var t when t == typeof(bool) => await ReadAsync<bool>(group, column),
            var t when t == typeof(int) => await ReadAsync<int>(group, column),
            var t when t == typeof(long) => await ReadAsync<long>(group, column),
            var t when t == typeof(float) => await ReadAsync<float>(group, column),
            var t when t == typeof(double) => await ReadAsync<double>(group, column),
            var t when t == typeof(ReadOnlyMemory<char>) => await ReadTextAsync(group, column),
            _ => await ReadBytesAsync(group, column),
        };
    }

    static async Task<IEnumerable<object?>> ReadAsync<T>(ParquetRowGroupReader group, DataField column)
        where T : struct
    {
        if (column.IsNullable)
        {
            var slots = new T?[group.RowCount];
            await group.ReadAsync<T>(column, slots);
            return slots.Cast<object?>();
        }

        var values = new T[group.RowCount];
        await group.ReadAsync<T>(column, values);
        return values.Cast<object?>();
    }

    static async Task<IEnumerable<object?>> ReadTextAsync(ParquetRowGroupReader group, DataField column)
    {
        var texts = new string?[group.RowCount];
        await group.ReadAsync(column, texts);
        return texts;
    }

    static async Task<IEnumerable<object?>> ReadBytesAsync(ParquetRowGroupReader group, DataField column)
    {
        var values = new byte[]?[group.RowCount];
        await group.ReadAsync(column, values);
        return values;
    }
}
