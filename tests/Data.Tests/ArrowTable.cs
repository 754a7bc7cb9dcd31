using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace OrtDpo.Data.Tests;

/// <summary>Arrow tables, written by the package's own writers.</summary>
static class ArrowTable
{
    public static RecordBatch Texts(string[] names, params string?[][] rows) => new(
        new Schema(names.Select(name => new Field(name, StringType.Default, nullable: true)), null),
        names.Select((_, column) => (IArrowArray)Text(rows.Select(row => row[column]))),
        rows.Length);

    public static StringArray Text(IEnumerable<string?> values)
    {
        var builder = new StringArray.Builder();
        foreach (var value in values)
        {
            builder.Append(value);
        }

        return builder.Build();
    }

    /// <summary>In the form for streams, in which save_to_disk writes its shards.</summary>
    public static byte[] Stream(RecordBatch[] batches, CompressionCodecType? codec = null)
    {
        using var bytes = new MemoryStream();
        using (var writer = new ArrowStreamWriter(bytes, batches[0].Schema, leaveOpen: true, Options(codec)))
        {
            foreach (var batch in batches)
            {
                writer.WriteRecordBatch(batch);
            }

            writer.WriteEnd();
        }

        return bytes.ToArray();
    }

    public static byte[] File(RecordBatch[] batches, CompressionCodecType? codec = null)
    {
        using var bytes = new MemoryStream();
        using (var writer = new ArrowFileWriter(bytes, batches[0].Schema, leaveOpen: true, Options(codec)))
        {
            foreach (var batch in batches)
            {
                writer.WriteRecordBatch(batch);
            }

            writer.WriteEnd();
        }

        return bytes.ToArray();
    }

    static IpcOptions Options(CompressionCodecType? codec) => codec is null
        ? new IpcOptions()
        : new IpcOptions { CompressionCodec = codec, CompressionCodecFactory = new CompressionCodecFactory() };
}
