using Parquet.Compression;
using Parquet.Meta;
using Parquet.Schema;
using Parquet.Thrift;
using Parquet.Values;

namespace Parquet.Pages;

/// <summary>Reads the pages of one column chunk.</summary>
sealed class ColumnChunkReader<T>(DataField field, ColumnMetaData column, ReadOnlyMemory<byte> chunk)
    where T : struct
{
    T[]? dictionary;

    /// <exception cref="InvalidDataException">The pages are damaged, or do not hold what the footer announces.</exception>
    public ColumnSlots<T> Read()
    {
        var pages = Split();
        var announced = pages.Sum(p => p.Header.IsData ? (long)p.Header.NumValues : 0);
        // Before memory is taken: page headers and footer must agree.
        if (announced != column.NumValues || announced > Array.MaxLength)
        {
            throw new InvalidDataException(
                $"The pages of column '{field.Path}' have {announced} values; the footer says {column.NumValues}.");
        }

        var slots = new ColumnSlots<T>((int)announced, field.MaxDefinitionLevel > 0, field.MaxRepetitionLevel > 0);
        var at = 0;
        foreach (var (header, body) in pages)
        {
            switch (header.Type)
            {
                case PageType.Dictionary:
                    dictionary = ReadDictionary(header, Codec.Decompress(body, column.Codec, header.UncompressedSize));
                    break;
                case PageType.Data:
                    ReadV1(header, Codec.Decompress(body, column.Codec, header.UncompressedSize), slots, at);
                    at += header.NumValues;
                    break;
                case PageType.DataV2:
                    ReadV2(header, body, slots, at);
                    at += header.NumValues;
                    break;
            }
        }

        return slots;
    }

    List<(PageHeader Header, ReadOnlyMemory<byte> Body)> Split()
    {
        var pages = new List<(PageHeader, ReadOnlyMemory<byte>)>();
        // Some writers leave a gap after the last page.
        long seen = 0;
        for (var at = 0; at < chunk.Length && seen < column.NumValues;)
        {
            var header = PageHeaderReader.Read(chunk.Span[at..], out var bytes);
            at += bytes;
            if (header.CompressedSize < 0 || header.CompressedSize > chunk.Length - at
                || header.UncompressedSize < 0 || header.NumValues < 0)
            {
                throw new InvalidDataException(
                    $"Column '{field.Path}': a page announces {header.CompressedSize} bytes and {header.NumValues} values; "
                    + $"{chunk.Length - at} bytes are left of its chunk.");
            }

            pages.Add((header, chunk.Slice(at, header.CompressedSize)));
            at += header.CompressedSize;
            seen += header.IsData ? header.NumValues : 0;
        }

        return pages;
    }

    T[] ReadDictionary(PageHeader header, ReadOnlyMemory<byte> page)
    {
        if (PlainReader.LeastBytes<T>(header.NumValues) > page.Length)
        {
            throw new InvalidDataException(
                $"Column '{field.Path}': a dictionary of {page.Length} bytes cannot have {header.NumValues} entries.");
        }

        var entries = new T[header.NumValues];
        PlainReader.Read(page, entries.AsSpan());
        return entries;
    }

    void ReadV1(PageHeader header, ReadOnlyMemory<byte> page, ColumnSlots<T> slots, int at)
    {
        if (slots.RepetitionLevels is { } repetitions)
        {
            RequireRle(header.RepetitionLevelEncoding);
            page = Levels.ReadPrefixed(page, field.MaxRepetitionLevel, repetitions.AsSpan(at, header.NumValues));
        }

        if (slots.DefinitionLevels is { } definitions)
        {
            RequireRle(header.DefinitionLevelEncoding);
            page = Levels.ReadPrefixed(page, field.MaxDefinitionLevel, definitions.AsSpan(at, header.NumValues));
        }

        ReadValues(header, page, slots, at);
    }

    void ReadV2(PageHeader header, ReadOnlyMemory<byte> body, ColumnSlots<T> slots, int at)
    {
        var (repetitionBytes, definitionBytes) = (header.RepetitionLevelsLength, header.DefinitionLevelsLength);
        if (repetitionBytes < 0 || definitionBytes < 0
            || (long)repetitionBytes + definitionBytes > Math.Min(body.Length, header.UncompressedSize))
        {
            throw new InvalidDataException($"Column '{field.Path}': the levels of a page take more than its {body.Length} bytes.");
        }

        if (slots.RepetitionLevels is { } repetitions)
        {
            Levels.Read(body.Span[..repetitionBytes], field.MaxRepetitionLevel, repetitions.AsSpan(at, header.NumValues));
        }

        if (slots.DefinitionLevels is { } definitions)
        {
            var stored = body.Span.Slice(repetitionBytes, definitionBytes);
            Levels.Read(stored, field.MaxDefinitionLevel, definitions.AsSpan(at, header.NumValues));
        }

        var levels = repetitionBytes + definitionBytes;
        var codec = header.IsCompressed ? column.Codec : CompressionCodec.UNCOMPRESSED;
        ReadValues(header, Codec.Decompress(body[levels..], codec, header.UncompressedSize - levels), slots, at);
    }

    void ReadValues(PageHeader header, ReadOnlyMemory<byte> data, ColumnSlots<T> slots, int at)
    {
        var present = slots.DefinitionLevels is { } definitions
            ? definitions.AsSpan(at, header.NumValues).Count(field.MaxDefinitionLevel)
            : header.NumValues;
        var values = slots.Values.AsSpan(slots.Count, present);
        slots.Count += present;
        switch (header.Encoding)
        {
            case Encoding.PLAIN:
                PlainReader.Read(data, values);
                break;
            case Encoding.PLAIN_DICTIONARY or Encoding.RLE_DICTIONARY:
                DictionaryReader.Read(data, dictionary, values);
                break;
            case Encoding.RLE when typeof(T) == typeof(bool):
                DictionaryReader.ReadBools(data, values);
                break;
            default:
                throw StandIn.Lacks($"Column '{field.Path}' is encoded as {header.Encoding}");
        }
    }

    void RequireRle(Encoding encoding)
    {
        if (encoding != Encoding.RLE)
        {
            throw StandIn.Lacks($"The levels of column '{field.Path}' are encoded as {encoding}");
        }
    }
}
