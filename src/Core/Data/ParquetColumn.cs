using System.Text.Json;
using Parquet;
using Parquet.Data;
using Parquet.Meta;
using Parquet.Schema;

namespace OrtDpo.Core.Data;

/// <summary>One column of a row group, written value by value as JSON.</summary>
internal abstract class ParquetColumn(string name)
{
    internal string Name => name;

    internal static bool IsRead(DataField column) =>
        column.ClrType == typeof(ReadOnlyMemory<char>) || column.ClrType == typeof(bool) || column.ClrType == typeof(int)
        || column.ClrType == typeof(long) || column.ClrType == typeof(float) || column.ClrType == typeof(double);

    internal static ParquetColumn Read(ParquetRowGroupReader group, string name, DataField column)
    {
        // Parquet.Net 6.1.0 reads them all as false, without an error.
        if (column.ClrType == typeof(bool) && group.GetMetadata(column)!.MetaData!.Encodings.Contains(Encoding.RLE)
            && !group.GetMetadata(column)!.MetaData!.Encodings.Contains(Encoding.PLAIN))
        {
            throw new NotSupportedException(
                $"Column '{name}' holds truth values in the encoding RLE. Rewrite the file with data pages of version 1.0.");
        }

        return ParquetRows.Wait(group.ReadRawColumnDataBaseAsync(column).AsTask()) switch
        {
            RawColumnData<ReadOnlyMemory<char>> texts =>
                new ParquetColumn<ReadOnlyMemory<char>>(name, column, texts, (w, v) => w.WriteStringValue(v.Span)),
            RawColumnData<bool> flags => new ParquetColumn<bool>(name, column, flags, (w, v) => w.WriteBooleanValue(v)),
            RawColumnData<int> numbers => new ParquetColumn<int>(name, column, numbers, (w, v) => w.WriteNumberValue(v)),
            RawColumnData<long> numbers => new ParquetColumn<long>(name, column, numbers, (w, v) => w.WriteNumberValue(v)),
            RawColumnData<float> numbers => new ParquetColumn<float>(name, column, numbers, Finite),
            RawColumnData<double> numbers => new ParquetColumn<double>(name, column, numbers, (w, v) => Finite(w, v)),
            var other => throw new InvalidOperationException($"Column '{name}' was read as {other.GetType()}."),
        };
    }

    internal abstract void WriteNext(Utf8JsonWriter writer);

    // JSON has no infinities.
    static void Finite(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    static void Finite(Utf8JsonWriter writer, float value) => Finite(writer, (double)value);
}

/// <summary>A flat column, or a list of values, whose repetition level 0 begins a row.</summary>
internal sealed class ParquetColumn<T>(string name, DataField column, RawColumnData<T> data, Action<Utf8JsonWriter, T> write)
    : ParquetColumn(name)
    where T : struct
{
    int slot;
    int value;

    internal override void WriteNext(Utf8JsonWriter writer)
    {
        if (column.MaxRepetitionLevel == 0)
        {
            WriteSlot(writer);
            return;
        }

        // The level below an element's: the list is empty; lower still: there is none.
        var element = column.MaxDefinitionLevel - (column.IsNullable ? 1 : 0);
        if (Definition < element)
        {
            if (Definition == element - 1)
            {
                writer.WriteStartArray();
                writer.WriteEndArray();
            }
            else
            {
                writer.WriteNullValue();
            }

            slot++;
            return;
        }

        writer.WriteStartArray();
        do
        {
            WriteSlot(writer);
        }
        while (slot < data.RepetitionLevels.Length && data.RepetitionLevels[slot] > 0);
        writer.WriteEndArray();
    }

    int Definition => column.MaxDefinitionLevel == 0 ? 0 : data.DefinitionLevels[slot];

    void WriteSlot(Utf8JsonWriter writer)
    {
        if (Definition == column.MaxDefinitionLevel)
        {
            write(writer, data.Values[value++]);
        }
        else
        {
            writer.WriteNullValue();
        }

        slot++;
    }
}
