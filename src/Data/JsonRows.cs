using System.Text.Json;
using System.Text.Unicode;

namespace OrtDpo.Data;

/// <summary>Reads the rows of a JSON array, of JSON Lines or of a Parquet file, one at a time. Which it is, the first bytes say.</summary>
static class JsonRows
{
    static ReadOnlySpan<byte> WhiteSpace => " \t\r\n"u8;

    /// <summary>The rows; those of a published form (<see cref="RowForm"/>) in the columns that the readers know.</summary>
    /// <exception cref="InvalidDataException">
    /// The file is none of them, its rows are of several forms or kinds, or a row is not valid JSON in UTF-8.
    /// </exception>
    /// <exception cref="NotSupportedException">A Parquet file has columns that are not read.</exception>
    internal static IEnumerable<JsonRow> Read(string path, ColumnNames? names = null)
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
            _ when text.StartsWith("PAR1"u8) => ParquetRows.Read(path),
            _ => throw new InvalidDataException(
                $"{path} begins with the byte 0x{text[0]:X2}; expected '[' (a JSON array) or '{{' (JSON Lines), "
                + "in UTF-8, plain or gzip, or Parquet."),
        };
        (string Where, RowForm? Form, RowShape? Shape)? first = null;
        foreach (var found in rows)
        {
            using var renamed = names?.Rename(found);
            var row = renamed is null ? found : found with { Value = renamed.RootElement };
            var form = RowForm.Of(row);
            if (first is { } one && form != one.Form)
            {
                throw new InvalidDataException(
                    $"{row.Where}: the row is of the form '{form?.Name ?? "plain"}', and {one.Where} of the form "
                    + $"'{one.Form?.Name ?? "plain"}'. All rows of a file are of one form: split the file in two.");
            }

            using var rewritten = form?.Rewrite(row);
            row = rewritten is null ? row : row with { Value = rewritten.RootElement };
            var shape = RowShape.Of(row);
            first ??= (row.Where, form, shape);
            // What is no row of any kind is for the reader to refuse.
            if (shape is not null && first.Value.Shape is { } other && shape != other)
            {
                throw new InvalidDataException($"{row.Where}: the row is {shape}, and {first.Value.Where} is {other}. "
                    + "All rows of a file are of one kind: split the file in two.");
            }

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
