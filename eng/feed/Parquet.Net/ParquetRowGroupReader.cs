using Parquet.Data;
using Parquet.Meta;
using Parquet.Pages;
using Parquet.Schema;

namespace Parquet;

/// <summary>Reads the columns of one row group, in any order. Not for several threads at once.</summary>
public class ParquetRowGroupReader : IDisposable
{
    readonly Stream stream;

    internal ParquetRowGroupReader(Stream stream, RowGroup group)
    {
        this.stream = stream;
        RowGroup = group;
    }

    public long RowCount => RowGroup.NumRows;

    public RowGroup RowGroup { get; }

    /// <summary>Reads a required column.</summary>
    /// <exception cref="ArgumentException">The column can be null or is a list, holds another type, or the buffer is short.</exception>
    public async ValueTask ReadAsync<T>(
        DataField field, Memory<T> values, Memory<int>? repetitionLevels = null, CancellationToken cancellationToken = default)
        where T : struct
    {
        if (field.MaxDefinitionLevel > 0)
        {
            throw new ArgumentException(
                $"A definition levels buffer is required: column '{field.Path}' can be null. Read it as {typeof(T).Name}?, "
                + "or by ReadRawAsync if it is a list.",
                nameof(field));
        }

        _ = repetitionLevels;
        var slots = await ReadSlotsAsync<T>(field, cancellationToken);
        RequireRoom(field, values.Length, slots.Slots);
        slots.Values.CopyTo(values);
    }

    /// <summary>Reads a column that can be null, or a required one.</summary>
    /// <exception cref="ArgumentException">The column is a list, holds another type, or the buffer is short.</exception>
    public ValueTask ReadAsync<T>(
        DataField field, Memory<T?> values, Memory<int>? repetitionLevels = null, CancellationToken cancellationToken = default)
        where T : struct
    {
        _ = repetitionLevels;
        return ReadFlatAsync<T, T?>(field, values, static v => v, cancellationToken);
    }

    /// <summary>Reads a column of texts.</summary>
    /// <inheritdoc cref="ReadAsync{T}(DataField, Memory{T?}, Memory{int}?, CancellationToken)"/>
    public ValueTask ReadAsync(
        DataField field, Memory<string?> values, Memory<int>? repetitionLevels = null, CancellationToken cancellationToken = default)
    {
        _ = repetitionLevels;
        return ReadFlatAsync<ReadOnlyMemory<char>, string?>(field, values, static v => v.ToString(), cancellationToken);
    }

    /// <summary>Reads a column of byte arrays.</summary>
    /// <inheritdoc cref="ReadAsync{T}(DataField, Memory{T?}, Memory{int}?, CancellationToken)"/>
    public ValueTask ReadAsync(
        DataField field, Memory<byte[]?> values, Memory<int>? repetitionLevels = null, CancellationToken cancellationToken = default)
    {
        _ = repetitionLevels;
        return ReadFlatAsync<ReadOnlyMemory<byte>, byte[]?>(field, values, static v => v.ToArray(), cancellationToken);
    }

    /// <summary>
    /// Reads values and levels as they are stored. Every buffer has room for <see cref="ColumnMetaData.NumValues"/> slots; only the first
    /// values, as many as there are highest definition levels, are data.
    /// </summary>
    /// <exception cref="ArgumentException">A buffer is missing or short, or the column holds another type.</exception>
    public async ValueTask ReadRawAsync<T>(
        DataField field, Memory<T> values, Memory<int>? definitionLevels, Memory<int>? repetitionLevels,
        CancellationToken cancellationToken = default)
        where T : struct
    {
        var slots = await ReadSlotsAsync<T>(field, cancellationToken);
        RequireRoom(field, values.Length, slots.Count);
        slots.Values.AsSpan(0, slots.Count).CopyTo(values.Span);
        CopyLevels(field, slots.DefinitionLevels, definitionLevels, "definition");
        CopyLevels(field, slots.RepetitionLevels, repetitionLevels, "repetition");
    }

    /// <summary>Reads values and levels as they are stored, into memory of their own.</summary>
    public async ValueTask<RawColumnData> ReadRawColumnDataBaseAsync(DataField field, CancellationToken cancellationToken = default) =>
        field.ClrType switch
        {
            var t when t == typeof(bool) => await RawAsync<bool>(field, cancellationToken),
            var t when t == typeof(int) => await RawAsync<int>(field, cancellationToken),
            var t when t == typeof(long) => await RawAsync<long>(field, cancellationToken),
            var t when t == typeof(sbyte) => await RawAsync<sbyte>(field, cancellationToken),
            var t when t == typeof(byte) => await RawAsync<byte>(field, cancellationToken),
            var t when t == typeof(short) => await RawAsync<short>(field, cancellationToken),
            var t when t == typeof(ushort) => await RawAsync<ushort>(field, cancellationToken),
            var t when t == typeof(uint) => await RawAsync<uint>(field, cancellationToken),
            var t when t == typeof(ulong) => await RawAsync<ulong>(field, cancellationToken),
            var t when t == typeof(float) => await RawAsync<float>(field, cancellationToken),
            var t when t == typeof(double) => await RawAsync<double>(field, cancellationToken),
            var t when t == typeof(ReadOnlyMemory<char>) => await RawAsync<ReadOnlyMemory<char>>(field, cancellationToken),
            var t when t == typeof(ReadOnlyMemory<byte>) => await RawAsync<ReadOnlyMemory<byte>>(field, cancellationToken),
            _ => throw StandIn.Lacks($"Column '{field.Path}' is of type {field.ClrType.Name}"),
        };

    public bool ColumnExists(DataField field) => GetMetadata(field) is not null;

    public ColumnChunk? GetMetadata(DataField field) =>
        RowGroup.Columns.FirstOrDefault(c => c.MetaData!.PathInSchema.SequenceEqual(field.Path.Parts));

    public Dictionary<string, string> GetCustomMetadata(DataField field) =>
        (GetMetadata(field)?.MetaData!.KeyValueMetadata ?? []).ToDictionary(p => p.Key, p => p.Value ?? "");

    public void Dispose() => GC.SuppressFinalize(this);

    async ValueTask<RawColumnData> RawAsync<T>(DataField field, CancellationToken cancellationToken)
        where T : struct => new RawColumnData<T>(await ReadSlotsAsync<T>(field, cancellationToken));

    async ValueTask ReadFlatAsync<T, TSlot>(
        DataField field, Memory<TSlot> values, Func<T, TSlot> convert, CancellationToken cancellationToken)
        where T : struct
    {
        if (field.MaxRepetitionLevel > 0)
        {
            throw new ArgumentException($"Column '{field.Path}' is a list: read it by ReadRawAsync, with its levels.", nameof(field));
        }

        var slots = await ReadSlotsAsync<T>(field, cancellationToken);
        RequireRoom(field, values.Length, slots.Slots);
        var next = 0;
        for (var i = 0; i < slots.Slots; i++)
        {
            var isThere = slots.DefinitionLevels is null || slots.DefinitionLevels[i] == field.MaxDefinitionLevel;
            values.Span[i] = isThere ? convert(slots.Values[next++]) : default!;
        }
    }

    async ValueTask<ColumnSlots<T>> ReadSlotsAsync<T>(DataField field, CancellationToken cancellationToken)
        where T : struct
    {
        if (typeof(T) != field.ClrType)
        {
            throw new ArgumentException($"Column '{field.Path}' holds {field.ClrType}, not {typeof(T)}.", nameof(field));
        }

        var column = GetMetadata(field)?.MetaData ?? throw new ParquetException($"The file has no column '{field.Path}'.");
        if (column.Type == Meta.Type.FIXED_LEN_BYTE_ARRAY)
        {
            throw StandIn.Lacks($"Column '{field.Path}' holds byte arrays of fixed length");
        }

        if (column.Type != LogicalTypes.PhysicalOf(field))
        {
            throw new InvalidDataException(
                $"Column '{field.Path}' is stored as {column.Type}; the schema says {LogicalTypes.PhysicalOf(field)}.");
        }

        var bytes = await ParquetReader.ReadAsync(stream, column.Start, (int)column.TotalCompressedSize, cancellationToken);
        var slots = new ColumnChunkReader<T>(field, column, bytes).Read();
        var rows = slots.RepetitionLevels is { } levels ? levels.AsSpan().Count(0) : slots.Slots;
        return rows == RowCount && slots.RepetitionLevels is not [not 0, ..]
            ? slots
            : throw new InvalidDataException(
                $"Column '{field.Path}' has {rows} rows, or begins in the middle of one; its row group has {RowCount} rows.");
    }

    static void CopyLevels(DataField field, int[]? levels, Memory<int>? buffer, string kind)
    {
        if (levels is null)
        {
            return;
        }

        var room = buffer ?? throw new ArgumentException($"Column '{field.Path}' needs a buffer for its {kind} levels.", nameof(buffer));
        RequireRoom(field, room.Length, levels.Length);
        levels.CopyTo(room);
    }

    static void RequireRoom(DataField field, int room, int needed)
    {
        if (room < needed)
        {
            throw new ArgumentException($"Column '{field.Path}' has {needed} values; the buffer has room for {room}.");
        }
    }
}
