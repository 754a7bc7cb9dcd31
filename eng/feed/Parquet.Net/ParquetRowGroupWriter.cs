using Parquet.Compression;
using Parquet.Meta;
using Parquet.Pages;
using Parquet.Schema;

namespace Parquet;

/// <summary>Writes one row group: every column, in the schema's order.</summary>
public class ParquetRowGroupWriter : IDisposable
{
    readonly ParquetWriter file;
    readonly ParquetSchema schema;
    readonly RowGroup group;
    readonly ParquetOptions options;
    long? rows;

    internal ParquetRowGroupWriter(ParquetWriter file, ParquetSchema schema, RowGroup group, ParquetOptions options)
    {
        this.file = file;
        this.schema = schema;
        this.group = group;
        this.options = options;
    }

    /// <summary>Writes a required column.</summary>
    /// <exception cref="InvalidOperationException">The column can be null: use the overload of <c>T?</c>.</exception>
    public Task WriteAsync<T>(
        DataField field, ReadOnlyMemory<T> values, ReadOnlyMemory<int>? repetitionLevels = null,
        Dictionary<string, string>? customMetadata = null, CancellationToken cancellationToken = default)
        where T : struct
    {
        if (field.MaxDefinitionLevel > 0)
        {
            throw new InvalidOperationException($"Definition levels are not ready yet: column '{field.Path}' can be null. "
                + $"Give its values as {typeof(T).Name}?.");
        }

        return WriteChunkAsync(field, values, null, repetitionLevels, customMetadata, cancellationToken);
    }

    /// <summary>Writes a column that can be null, or a list without empty and null lists.</summary>
    public Task WriteAsync<T>(
        DataField field, ReadOnlyMemory<T?> values, ReadOnlyMemory<int>? repetitionLevels = null,
        Dictionary<string, string>? customMetadata = null, CancellationToken cancellationToken = default)
        where T : struct
    {
        var (present, definitions) = Definitions.Split(field, values.Span, static v => v.HasValue, static v => v.GetValueOrDefault());
        return WriteChunkAsync<T>(field, present, definitions, repetitionLevels, customMetadata, cancellationToken);
    }

    /// <summary>Writes a column of texts.</summary>
    public Task WriteAsync(DataField field, IReadOnlyCollection<string?> values, ReadOnlyMemory<int>? repetitionLevels = null)
    {
        var (present, definitions) = Definitions.Split(field, [.. values], static v => v is not null, static v => v.AsMemory());
        return WriteChunkAsync<ReadOnlyMemory<char>>(field, present, definitions, repetitionLevels, null, default);
    }

    /// <summary>Writes a column of byte arrays.</summary>
    public Task WriteAsync(DataField field, IReadOnlyCollection<byte[]?> values, ReadOnlyMemory<int>? repetitionLevels = null)
    {
        var (present, definitions) =
            Definitions.Split(field, [.. values], static v => v is not null, static v => (ReadOnlyMemory<byte>)v.AsMemory());
        return WriteChunkAsync<ReadOnlyMemory<byte>>(field, present, definitions, repetitionLevels, null, default);
    }

    /// <summary>
    /// Writes values and levels as they are stored: one of each level per slot, a value only where the definition level is the highest.
    /// </summary>
    public Task WriteAllPartsAsync<T>(
        DataField field, ReadOnlyMemory<T> values, ReadOnlyMemory<int>? definitionValues, ReadOnlyMemory<int>? repetitionLevels,
        CancellationToken cancellationToken)
        where T : struct =>
        WriteChunkAsync(field, values, definitionValues, repetitionLevels, null, cancellationToken);

    /// <exception cref="InvalidOperationException">Columns are missing.</exception>
    public void CompleteValidate()
    {
        if (group.Columns.Count != schema.DataFields.Length)
        {
            throw new InvalidOperationException(
                $"The row group has {group.Columns.Count} of the schema's {schema.DataFields.Length} columns; "
                + $"'{schema.DataFields[group.Columns.Count].Path}' is next.");
        }
    }

    /// <summary>Ends the row group.</summary>
    public void Dispose()
    {
        group.NumRows = rows ?? 0;
        group.TotalByteSize = group.Columns.Sum(c => c.MetaData!.TotalUncompressedSize);
        GC.SuppressFinalize(this);
    }

    async Task WriteChunkAsync<T>(
        DataField field, ReadOnlyMemory<T> values, ReadOnlyMemory<int>? definitions, ReadOnlyMemory<int>? repetitions,
        Dictionary<string, string>? metadata, CancellationToken cancellationToken)
        where T : struct
    {
        CheckTurn(field);
        if (typeof(T) != field.ClrType)
        {
            throw new ArgumentException($"Column '{field.Path}' holds {field.ClrType}, not {typeof(T)}.", nameof(values));
        }

        var slots = Definitions.CheckLevels(field, values.Length, definitions, repetitions);
        var rowsHere = repetitions is { } levels && field.MaxRepetitionLevel > 0 ? levels.Span.Count(0) : slots;
        if (rows is { } before && before != rowsHere)
        {
            throw new InvalidOperationException($"Column '{field.Path}' has {rowsHere} rows; the columns before it have {before}.");
        }

        var (bytes, chunk) = ColumnChunkWriter.Write(
            field, values.Span, (definitions ?? default).Span, (repetitions ?? default).Span, slots, Codec.Of(options.CompressionMethod),
            options.CompressionLevel, file.Position);
        chunk.MetaData!.KeyValueMetadata = metadata is null
            ? null
            : [.. metadata.Select(p => new KeyValue { Key = p.Key, Value = p.Value })];
        await file.WriteAsync(bytes, cancellationToken);
        rows = rowsHere;
        group.Columns.Add(chunk);
    }

    void CheckTurn(DataField field)
    {
        if (!field.IsAttached)
        {
            throw new ArgumentException($"Field '{field.Name}' is not attached to any schema.", nameof(field));
        }

        if (group.Columns.Count == schema.DataFields.Length)
        {
            throw new InvalidOperationException(
                $"All {schema.DataFields.Length} columns of the row group are written; '{field.Path}' is one too many.");
        }

        var next = schema.DataFields[group.Columns.Count];
        if (!next.Path.Equals(field.Path))
        {
            throw new ArgumentException(
                $"Column '{next.Path}' is next, not '{field.Path}': columns are written in the schema's order.", nameof(field));
        }
    }
}
