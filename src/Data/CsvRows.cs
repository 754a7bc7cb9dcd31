using System.Buffers;
using System.Text;
using System.Text.Json;
using nietras.SeparatedValues;

namespace OrtDpo.Data;

/// <summary>
/// The rows of a comma- or tab-separated file, whose first line names its columns. Cells are text, a line break in quotes is part of one,
/// and what a cell of another type means is decided by its column alone (<see cref="CsvCell"/>). A file's rows are numbered by the lines
/// that they begin in.
/// </summary>
static class CsvRows
{
    internal static IEnumerable<JsonRow> Read(string path, char separator, ColumnChoice columns)
    {
        using var stream = DataBytes.OpenText(path);
        using var text = new StreamReader(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        using var reader = Whole(path, () => Sep.New(separator).Reader(options => options with
        {
            HasHeader = false,
            DisableColCountCheck = true,
            DisableQuotesParsing = false,
            Unescape = false,
        }).From(text));
        string[]? names = null;
        // What the reader gives as the first row's line is the second's.
        var next = 1L;
        while (Next(path, reader) is { } record)
        {
            var line = next;
            next = record.NextLine;
            if (record.Cells is [""])
            {
                continue;
            }

            var where = $"{path} line {line}";
            var cells = record.Cells.Select(cell => CsvCell.Text(where, cell)).ToArray();
            if (names is null)
            {
                names = Header(where, cells);
                continue;
            }

            if (cells.Length != names.Length)
            {
                throw new InvalidDataException($"{where}: the row has {cells.Length} cells, and the file's first line names {names.Length} "
                    + "columns. Put cells that hold the separator, quotes or line breaks into quotes.");
            }

            using var row = JsonRowText.Parse(Row(where, names, cells, columns), where, columns);
            yield return new JsonRow(line, where, row.RootElement);
        }
    }

    static string[] Header(string where, string[] names)
    {
        var twice = names.Where(name => name.Length > 0).GroupBy(name => name).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? names : throw new InvalidDataException($"{where}: the column '{twice.Key}' is named {twice.Count()} times. "
            + "Give each column a name of its own.");
    }

    // Columns without a name are indices that pandas writes; nobody can ask for them.
    static ReadOnlyMemory<byte> Row(string where, string[] names, string[] cells, ColumnChoice columns)
    {
        var text = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(text);
        writer.WriteStartObject();
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i].Length > 0)
            {
                writer.WritePropertyName(names[i]);
                CsvCell.Write(writer, where, names[i], cells[i], columns);
            }
        }

        writer.WriteEndObject();
        writer.Flush();
        return text.WrittenMemory;
    }

    // Copied, since a record of the reader's cannot be kept between rows that are asked for one by one.
    static Record? Next(string path, SepReader reader) => Whole(path, () =>
    {
        if (!reader.MoveNext())
        {
            return null;
        }

        var row = reader.Current;
        var cells = new string[row.ColCount];
        for (var i = 0; i < cells.Length; i++)
        {
            cells[i] = row[i].ToString();
        }

        return new Record(row.LineNumberToExcl, cells);
    });

    static T Whole<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"{path} line {BadLine(path)}: the bytes are not valid UTF-8. Convert the file to UTF-8.", e);
        }
    }

    // The decoder reads ahead of the rows and does not say where it is.
    static long BadLine(string path)
    {
        using var bytes = DataBytes.Open(path);
        for (var line = 1L; ; line++)
        {
            int length;
            while ((length = bytes.Available.Span.IndexOf((byte)'\n')) < 0 && !bytes.AtEnd)
            {
                bytes.Fill();
            }

            if (length < 0 || !System.Text.Unicode.Utf8.IsValid(bytes.Available.Span[..length]))
            {
                return line;
            }

            bytes.Advance(length + 1);
        }
    }

    sealed record Record(int NextLine, string[] Cells);
}
