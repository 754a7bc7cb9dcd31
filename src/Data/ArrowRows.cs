using System.Buffers;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;

namespace OrtDpo.Data;

/// <summary>
/// The rows of an Arrow file, as the objects that a JSON Lines file of the same data would have: of Arrow's form for files, and of that for
/// streams, in which Hugging Face's datasets keep their data.
/// </summary>
static class ArrowRows
{
    /// <summary>How a file in the form for files begins.</summary>
    internal static ReadOnlySpan<byte> FileMark => "ARROW1"u8;

    /// <summary>How a stream begins: the mark before each message.</summary>
    internal static ReadOnlySpan<byte> StreamMark => [0xFF, 0xFF, 0xFF, 0xFF];

    // One batch of rows is in memory at a time.
    internal static IEnumerable<JsonRow> Read(string path, bool isStream, ColumnChoice columns)
    {
        using var file = new ArrowFile(path);
        using var reader = ArrowFault.Whole(path, () => isStream
            ? new ArrowStreamReader(file, new ArrowMemory(file.Length), new CompressionCodecFactory(), leaveOpen: true)
            : new ArrowFileReader(file, new ArrowMemory(file.Length), new CompressionCodecFactory(), leaveOpen: true));
        var fields = ArrowFault.Whole(path, () => ArrowField.Read(path, reader.Schema, columns));
        var number = 0L;
        while (ArrowFault.Whole(path, reader.ReadNextRecordBatch) is { } batch)
        {
            using (batch)
            {
                for (var i = 0; i < batch.Length; i++)
                {
                    number++;
                    var where = $"{path} row {number}";
                    using var row = JsonCell.Whole(where, columns, () => ArrowFault.Whole(path, () => Row(fields, batch, i)));
                    yield return new JsonRow(number, where, row.RootElement);
                }
            }
        }
    }

    static ReadOnlyMemory<byte> Row(IReadOnlyList<ArrowField> fields, RecordBatch batch, int index)
    {
        var text = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(text);
        writer.WriteStartObject();
        foreach (var field in fields)
        {
            writer.WritePropertyName(field.Name);
            ArrowValue.Write(writer, field, batch.Column(field.Index), index);
        }

        writer.WriteEndObject();
        writer.Flush();
        return text.WrittenMemory;
    }
}
