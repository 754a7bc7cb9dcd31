using System.Buffers;
using System.Buffers.Binary;
using Parquet.Compression;
using Parquet.Meta;
using Parquet.Schema;
using Parquet.Thrift;

namespace Parquet;

/// <summary>Writes a file: row groups one after the other, and the footer when disposed.</summary>
public sealed class ParquetWriter : ParquetActor, IAsyncDisposable
{
    readonly ParquetSchema schema;
    readonly ParquetOptions options;
    readonly FileMetaData file;
    long position;
    bool disposed;

    ParquetWriter(ParquetSchema schema, Stream output, ParquetOptions options)
        : base(output)
    {
        this.schema = schema;
        this.options = options;
        file = new FileMetaData
        {
            Version = 1,
            Schema = SchemaWriter.Write(schema),
            CreatedBy = "OrtDpo's stand-in for Parquet.Net version 6.1.0",
        };
        Codec.Of(options.CompressionMethod);
    }

    /// <summary>Text beside the rows. Setting it replaces all of it; any time before disposal will do.</summary>
    public IReadOnlyDictionary<string, string> CustomMetadata
    {
        get => (file.KeyValueMetadata ?? []).ToDictionary(p => p.Key, p => p.Value ?? "");
        set => file.KeyValueMetadata = [.. value.Select(p => new KeyValue { Key = p.Key, Value = p.Value })];
    }

    /// <summary>Begins a file. The stream stays open when the writer is disposed.</summary>
    /// <exception cref="ArgumentException">The stream cannot be written.</exception>
    /// <exception cref="NotSupportedException">Appending, or a compression or column type that this package lacks.</exception>
    public static async Task<ParquetWriter> CreateAsync(
        ParquetSchema schema, Stream output, ParquetOptions? options = null, bool append = false,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(output);
        if (!output.CanWrite)
        {
            throw new ArgumentException("The stream cannot be written.", nameof(output));
        }

        if (append)
        {
            throw StandIn.Lacks("Appending to a file was asked for");
        }

        var writer = new ParquetWriter(schema, output, options ?? new ParquetOptions());
        await writer.WriteAsync(Magic.ToArray(), cancellationToken);
        return writer;
    }

    /// <summary>Begins a row group. Dispose it before the next one and before the writer.</summary>
    public ParquetRowGroupWriter CreateRowGroup()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        var group = new RowGroup();
        file.RowGroups.Add(group);
        return new ParquetRowGroupWriter(this, schema, group, options);
    }

    /// <summary>Writes the footer.</summary>
    public async ValueTask DisposeAsync()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        file.NumRows = file.RowGroups.Sum(g => g.NumRows);
        var footer = new ArrayBufferWriter<byte>();
        FooterWriter.Write(file, footer);
        BinaryPrimitives.WriteInt32LittleEndian(footer.GetSpan(sizeof(int)), footer.WrittenCount);
        footer.Advance(sizeof(int));
        footer.Write(Magic);
        await WriteAsync(footer.WrittenMemory, CancellationToken.None);
        await Stream.FlushAsync();
    }

    /// <summary>Bytes written so far.</summary>
    internal long Position => position;

    internal async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await Stream.WriteAsync(bytes, cancellationToken);
        position += bytes.Length;
    }
}
