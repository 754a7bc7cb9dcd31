using System.Text.Json;
using Parquet;
using Parquet.Data;
using Parquet.Meta;
using Parquet.Schema;

namespace OrtDpo.Data;

/// <summary>Reads the columns of a row group whose types rows are read from.</summary>
static class ParquetColumn
{
    internal static ParquetLeaf Read(ParquetRowGroupReader group, DataField column, bool isJson)
    {
        var stored = group.GetMetadata(column)!.MetaData!;
        // Parquet.Net 6.1.0 reads truth values in runs as false, or divides by zero; and of LZ4's two framings it knows one.
        var encodings = stored.Encodings;
        var inRuns = column.ClrType == typeof(bool) && encodings.Contains(Encoding.RLE) && !encodings.Contains(Encoding.PLAIN);
        if (inRuns || stored.Codec == CompressionCodec.LZ4)
        {
            throw new NotSupportedException();
        }

        return ParquetRows.Wait(group.ReadRawColumnDataBaseAsync(column).AsTask()) switch
        {
            RawColumnData<ReadOnlyMemory<char>> texts when isJson =>
                Leaf(texts, (w, i) => JsonCell.Write(w, column.Path.ToString(), texts.Values[i].ToString())),
            RawColumnData<ReadOnlyMemory<char>> texts => Leaf(texts, (w, i) => w.WriteStringValue(texts.Values[i].Span)),
            RawColumnData<bool> flags => Leaf(flags, (w, i) => w.WriteBooleanValue(flags.Values[i])),
            RawColumnData<sbyte> numbers => Leaf(numbers, (w, i) => w.WriteNumberValue(numbers.Values[i])),
            RawColumnData<byte> numbers => Leaf(numbers, (w, i) => w.WriteNumberValue(numbers.Values[i])),
            RawColumnData<short> numbers => Leaf(numbers, (w, i) => w.WriteNumberValue(numbers.Values[i])),
            RawColumnData<ushort> numbers => Leaf(numbers, (w, i) => w.WriteNumberValue(numbers.Values[i])),
            RawColumnData<int> numbers => Leaf(numbers, (w, i) => w.WriteNumberValue(numbers.Values[i])),
            RawColumnData<uint> numbers => Leaf(numbers, (w, i) => w.WriteNumberValue(numbers.Values[i])),
            RawColumnData<long> numbers => Leaf(numbers, (w, i) => w.WriteNumberValue(numbers.Values[i])),
            RawColumnData<ulong> numbers => Leaf(numbers, (w, i) => w.WriteNumberValue(numbers.Values[i])),
            RawColumnData<float> numbers => Leaf(numbers, (w, i) => Finite(w, numbers.Values[i])),
            RawColumnData<double> numbers => Leaf(numbers, (w, i) => Finite(w, numbers.Values[i])),
            var other => throw new InvalidOperationException($"Column '{column.Path}' was read as {other.GetType()}."),
        };

        ParquetLeaf Leaf(RawColumnData data, Action<Utf8JsonWriter, int> write)
        {
            var slots = (int)stored.NumValues;
            var levels = new ParquetLevels(
                slots,
                column.MaxDefinitionLevel == 0 ? [] : data.DefinitionLevels[..slots].ToArray(),
                column.MaxRepetitionLevel == 0 ? [] : data.RepetitionLevels[..slots].ToArray());
            var canBeNull = column is { IsNullable: true, IsArray: false };
            return new ParquetLeaf(column.Name, column.Path.ToString(), column.MaxDefinitionLevel, canBeNull, levels, write);
        }
    }

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
}
