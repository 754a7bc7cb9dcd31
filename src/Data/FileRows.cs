using OrtDpo.Linked;

namespace OrtDpo.Data;

/// <summary>The rows of a data file of any kind, one at a time, as they stand in it. Which kind it is, the first bytes say.</summary>
static class FileRows
{
    static ReadOnlySpan<byte> WhiteSpace => " \t\r\n"u8;

    /// <exception cref="InvalidDataException">
    /// The file is of no kind that is read, is damaged, or a row is no valid JSON in UTF-8.
    /// </exception>
    /// <exception cref="NotSupportedException">A column that is asked for is of a type, or stored in a way, that is not read.</exception>
    internal static IEnumerable<JsonRow> Read(string path, ColumnChoice columns)
    {
        using var bytes = DataBytes.Open(path);
        do
        {
            bytes.Fill();
        }
        while (!bytes.AtEnd && bytes.Available.Span.IndexOfAnyExcept(WhiteSpace) < 0);

        if (bytes.Available.Span.StartsWith("\uFEFF"u8))
        {
            bytes.Advance(3);
        }

        foreach (var row in Rows(bytes, path, columns))
        {
            yield return row;
        }
    }

    static IEnumerable<JsonRow> Rows(DataBytes bytes, string path, ColumnChoice columns)
    {
        var text = bytes.Available.Span.TrimStart(WhiteSpace);
        GitLfsPointer.Refuse(text, path);
        var isTable = text.StartsWith("PAR1"u8) || text.StartsWith(ArrowRows.FileMark) || text.StartsWith(ArrowRows.StreamMark);
        if (isTable && bytes.IsCompressed)
        {
            throw new NotSupportedException($"{path} is Parquet or Arrow inside gzip or zstd, which is not read. Unpack it first.");
        }

        if (text is [0xFF, 0xFE, not 0xFF, ..] or [0xFE, 0xFF, ..])
        {
            throw new InvalidDataException($"{path} is UTF-16, as some editors and shells write it. Convert the file to UTF-8.");
        }

        return text switch
        {
            [(byte)'[', ..] => JsonArrayRows.Read(bytes, path, columns),
            [(byte)'{', ..] => JsonLines.Read(bytes, path, columns),
            [] => throw new InvalidDataException($"{path} is empty; expected a JSON array or JSON Lines with one object a row."),
            _ when text.StartsWith("PAR1"u8) => ParquetRows.Read(path, columns),
            _ when text.StartsWith(ArrowRows.FileMark) => ArrowRows.Read(path, isStream: false, columns),
            _ when text.StartsWith(ArrowRows.StreamMark) => ArrowRows.Read(path, isStream: true, columns),
            _ when DataEndings.Separator(path) is { } separator => CsvRows.Read(path, separator, columns),
            _ => throw new InvalidDataException(
                $"{path} begins with the byte 0x{text[0]:X2}; expected '[' (a JSON array) or '{{' (JSON Lines), "
                + "in UTF-8, plain, gzip or zstd, Parquet or Arrow, or a name that ends in .csv or .tsv."),
        };
    }
}
