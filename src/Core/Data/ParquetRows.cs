using System.Buffers;
using System.Text.Json;
using Parquet;
using Parquet.Meta.Proto;
using Parquet.Schema;

namespace OrtDpo.Core.Data;

/// <summary>The rows of a Parquet file, as the objects that a JSON Lines file of the same data would have.</summary>
internal static class ParquetRows
{
    // One row group is in memory at a time: that is how Parquet stores rows.
    internal static IEnumerable<JsonRow> Read(string path)
    {
        using var file = File.OpenRead(path);
        var reader = Whole(path, () => Wait(ParquetReader.CreateAsync(file)));
        var fields = Whole(path, () => Fields(path, reader.Schema));
        var number = 0L;
        for (var i = 0; i < reader.RowGroupCount; i++)
        {
            using var group = reader.OpenRowGroupReader(i);
            var columns = Whole(path, () => fields.ConvertAll(field => ParquetColumn.Read(group, field.Name, field.Column)));
            for (var left = group.RowCount; left > 0; left--)
            {
                number++;
                using var row = JsonDocument.Parse(Row(columns));
                yield return new JsonRow(number, $"{path} row {number}", row.RootElement);
            }
        }
    }

    // Columns of a type that no reader of rows asks for, such as dates, are passed over.
    static List<(string Name, DataField Column)> Fields(string path, ParquetSchema schema)
    {
        var fields = new List<(string, DataField)>();
        foreach (var field in schema.Fields)
        {
            var column = field switch
            {
                DataField { IsArray: false } flat => flat,
                ListField { Item: DataField item } => item,
                _ => throw new NotSupportedException(
                    $"{path}: column '{field.Name}' is nested. Flat columns and lists of values are read from Parquet: " +
                    "convert the file to JSON Lines."),
            };
            if (ParquetColumn.IsRead(column))
            {
                fields.Add((field.Name, column));
            }
        }

        return fields;
    }

    static ReadOnlyMemory<byte> Row(List<ParquetColumn> columns)
    {
        var text = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(text);
        writer.WriteStartObject();
        foreach (var column in columns)
        {
            writer.WritePropertyName(column.Name);
            column.WriteNext(writer);
        }

        writer.WriteEndObject();
        writer.Flush();
        return text.WrittenMemory;
    }

    internal static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    // What the package throws of files whose content makes no sense.
    static T Whole<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or ParquetException or ThriftProtocolException or InvalidDataException)
        {
            throw new InvalidDataException($"{path} is no whole Parquet file ({e.Message.TrimEnd('.')}). Get the file again.", e);
        }
    }
}
