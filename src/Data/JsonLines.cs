using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>
/// Objects behind each other: JSON Lines, one object a line, or objects over several lines, as programs write them for people. Lines of
/// white space only are passed over.
/// </summary>
static class JsonLines
{
    const string Advice = "Put each row on a line of its own, or all rows into one array.";

    const string NotClosed = "the row that begins here is not closed";

    static ReadOnlySpan<byte> WhiteSpace => " \t\r\n"u8;

    internal static IEnumerable<JsonRow> Read(DataBytes bytes, string path, ColumnChoice columns)
    {
        var line = 1L;
        // The line of the row before, where this line still goes on behind it.
        var before = 0L;
        var isFirst = true;
        while (true)
        {
            var length = LineLength(bytes);
            var text = bytes.Available[..length];
            if (text.Span.IndexOfAnyExcept(WhiteSpace) < 0)
            {
                if (length == bytes.Available.Length)
                {
                    // No line end was found: these were the file's last bytes.
                    yield break;
                }

                bytes.Advance(length + 1);
                line++;
                continue;
            }

            if (line == before)
            {
                var found = (char)text.Span.TrimStart(WhiteSpace)[0];
                throw JsonFault.OfForm($"{path} line {line}", $"'{found}' stands behind the row in its line. {Advice}");
            }

            before = line;
            using var parsed = Row(bytes, path, line, columns, ref length);
            var row = new JsonRow(line, $"{path} line {line}", parsed.RootElement);
            if (isFirst)
            {
                JsonTable.Refuse(row, columns);
                isFirst = false;
            }

            yield return row;
            line += bytes.Available.Span[..length].Count((byte)'\n');
            bytes.Advance(length);
        }
    }

    // What has been searched for a line's end is not searched again after the buffer has grown.
    static int LineLength(DataBytes bytes)
    {
        for (var searched = 0; ;)
        {
            var found = bytes.Available.Span[searched..].IndexOf((byte)'\n');
            if (found >= 0)
            {
                return searched + found;
            }

            if (bytes.AtEnd)
            {
                return bytes.Available.Length;
            }

            searched = bytes.Available.Length;
            bytes.Fill();
        }
    }

    // The row that begins in the first length bytes, a line; length becomes that of the row. Whether an object goes on behind the line is
    // asked only where the line is none by itself: else all rows would be read twice.
    static JsonDocument Row(DataBytes bytes, string path, long line, ColumnChoice columns, ref int length)
    {
        var text = bytes.Available[..length];
        var trimmed = text.Span.Trim(WhiteSpace);
        if (trimmed is not [(byte)'{', ..])
        {
            return JsonRowText.Parse(text, path, line, columns);
        }

        if (trimmed[^1] == '}')
        {
            try
            {
                return JsonRowText.Parse(text, path, line, columns);
            }
            catch (InvalidDataException) when (GoesOn(text.Span))
            {
            }
        }

        length = ObjectLength(bytes, path, line, length, columns);
        return JsonRowText.Parse(bytes.Available[..length], path, line, columns);
    }

    // Whether the line is no fault by itself: the object is not closed in it, or something stands behind the object.
    static bool GoesOn(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, isFinalBlock: false, new JsonReaderState(JsonDepth.Unbounded));
        try
        {
            return !reader.Read() || !reader.TrySkip() || line[(int)reader.BytesConsumed..].ContainsAnyExcept(WhiteSpace);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    static int ObjectLength(DataBytes bytes, string path, long line, int firstLine, ColumnChoice columns)
    {
        while (true)
        {
            var reader = new Utf8JsonReader(bytes.Available.Span, bytes.AtEnd, new JsonReaderState(JsonDepth.Unbounded));
            try
            {
                if (reader.Read() && reader.TrySkip())
                {
                    return (int)reader.BytesConsumed;
                }
            }
            catch (JsonException e)
            {
                if (e.LineNumber is null or 0)
                {
                    // The line alone is at fault, and says it in fewer words.
                    using var row = JsonRowText.Parse(bytes.Available[..firstLine], path, line, columns);
                }

                throw Fault(bytes.Available.Span, (int)reader.BytesConsumed, path, line, e);
            }

            bytes.Fill();
        }
    }

    static InvalidDataException Fault(ReadOnlySpan<byte> text, int at, string path, long line, JsonException e)
    {
        var faulty = line + (e.LineNumber ?? 0);
        var rest = text[at..].TrimStart(WhiteSpace);
        if (rest.IsEmpty)
        {
            return JsonFault.OfForm($"{path} line {line}", $"{NotClosed}, and the file ends. Close it with '}}'.", e);
        }

        var isBegun = rest[0] == '{' && text[..^rest.Length] is [.., (byte)'\n'];
        return isBegun && text[..^rest.Length].TrimEnd(WhiteSpace) is not [.., (byte)',' or (byte)':' or (byte)'[']
            ? JsonFault.OfForm($"{path} line {line}", $"{NotClosed}: line {faulty} begins another. Close it with '}}'.", e)
            : JsonFault.Of($"{path} line {faulty}", text, at, e);
    }
}
