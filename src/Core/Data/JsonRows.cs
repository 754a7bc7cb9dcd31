using System.Text.Json;
using System.Text.Unicode;

namespace OrtDpo.Core.Data;

/// <summary>Reads the rows of a JSON array or of a JSON Lines file, one at a time. Which of the two it is, the first character says.</summary>
internal static class JsonRows
{
    static ReadOnlySpan<byte> WhiteSpace => " \t\r\n"u8;

    /// <exception cref="InvalidDataException">The file is neither, or a row is not valid JSON in UTF-8.</exception>
    /// <exception cref="NotSupportedException">The file is of another known kind.</exception>
    internal static IEnumerable<JsonRow> Read(string path)
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

        var text = bytes.Available.Span.TrimStart(WhiteSpace);
        var rows = text switch
        {
            [(byte)'[', ..] => JsonArrayRows.Read(bytes, path),
            [(byte)'{', ..] => JsonLines.Read(bytes, path),
            [] => throw new InvalidDataException($"{path} is empty; expected a JSON array or JSON Lines with one object a row."),
            _ when text.StartsWith("PAR1"u8) => throw new NotSupportedException(
                $"{path} is a Parquet file. This version reads JSON and JSON Lines, plain or gzip: convert it."),
            _ => throw new InvalidDataException(
                $"{path} begins with the byte 0x{text[0]:X2}; expected '[' (a JSON array) or '{{' (JSON Lines), in UTF-8, plain or gzip."),
        };
        foreach (var row in rows)
        {
            yield return row;
        }
    }

    /// <summary>Parses one row that begins at <paramref name="line"/>, counted from 1.</summary>
    internal static JsonDocument Parse(ReadOnlyMemory<byte> row, string path, long line)
    {
        if (!Utf8.IsValid(row.Span))
        {
            throw new InvalidDataException($"{path} line {line}: the bytes are not valid UTF-8. Convert the file to UTF-8.");
        }

        try
        {
            return JsonDocument.Parse(row, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException e)
        {
            throw Throw.NotJson(path, line + (e.LineNumber ?? 0), e);
        }
    }
}
