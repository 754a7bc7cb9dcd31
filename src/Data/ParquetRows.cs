using System.Buffers;
using System.Text.Json;
using Parquet;

namespace OrtDpo.Data;

/// <summary>The rows of a Parquet file, as the objects that a JSON Lines file of the same data would have.</summary>
static class ParquetRows
{
    // One row group is in memory at a time: that is how Parquet stores rows.
    internal static IEnumerable<JsonRow> Read(string path, ColumnChoice columns)
    {
        using var file = File.OpenRead(path);
        var reader = ParquetFault.Whole(path, () =>
        {
            ParquetFooter.Require(file);
            return Wait(ParquetReader.CreateAsync(file));
        });
        var json = ParquetFault.Whole(path, () => ParquetSchemaCut.Cut(path, reader.Metadata!.Schema, columns));
        if (reader.Metadata!.Schema.Count == 1)
        {
            var unread = string.Join(", ", columns.Unread.Select(column => $"'{column.Name}' ({column.Type})"));
            throw new NotSupportedException(
                $"{path}: none of its columns is read: {unread}. Write rows of text, numbers, lists and structs.");
        }

        var schema = ParquetFault.Whole(path, () => reader.Schema);
        var number = 0L;
        for (var i = 0; i < reader.RowGroupCount; i++)
        {
            using var group = reader.OpenRowGroupReader(i);
            var tree = new ParquetTree(path, group, schema, json, columns);
            for (var left = group.RowCount; left > 0; left--)
            {
                number++;
                var where = $"{path} row {number}";
                using var row = JsonCell.Whole(where, columns, () => ParquetFault.Whole(path, () => Row(tree.Fields)));
                yield return new JsonRow(number, where, row.RootElement);
            }

            ParquetFault.Whole(path, tree.RequireEnd);
        }
    }

    internal static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    static ReadOnlyMemory<byte> Row(IReadOnlyList<ParquetNode> fields)
    {
        var text = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(text);
        writer.WriteStartObject();
        foreach (var field in fields)
        {
            writer.WritePropertyName(field.Name);
            field.Write(writer, repetition: 0);
        }

        writer.WriteEndObject();
        writer.Flush();
        return text.WrittenMemory;
    }
}
