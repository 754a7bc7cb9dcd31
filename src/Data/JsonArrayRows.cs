using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>A JSON array of rows, read element by element.</summary>
static class JsonArrayRows
{
    internal static IEnumerable<JsonRow> Read(DataBytes bytes, string path, ColumnChoice columns)
    {
        var state = new JsonReaderState(JsonDepth.Unbounded);
        var line = 1L;
        for (var number = 0L; ; number++)
        {
            Element element;
            while (!TryFindNext(bytes, path, number == 0, ref state, line, out element))
            {
                bytes.Fill();
            }

            if (element.Length == 0)
            {
                yield break;
            }

            line += bytes.Available.Span[..element.Start].Count((byte)'\n');
            var text = bytes.Available.Slice(element.Start, element.Length);
            using var row = JsonRowText.Parse(text, path, line, columns);
            yield return new JsonRow(number + 1, $"{path} row {number + 1} (line {line})", row.RootElement);
            line += text.Span.Count((byte)'\n');
            bytes.Advance(element.Start + element.Length);
        }
    }

    // False: more bytes are needed. Length 0: the array has ended, and nothing but white space follows it.
    static bool TryFindNext(DataBytes bytes, string path, bool first, ref JsonReaderState state, long line, out Element element)
    {
        element = default;
        var reader = new Utf8JsonReader(bytes.Available.Span, bytes.AtEnd, state);
        try
        {
            if (first && !reader.Read())
            {
                return false;
            }

            if (!reader.Read())
            {
                return false;
            }

            if (reader.TokenType == JsonTokenType.EndArray)
            {
                return IsEnd(bytes, (int)reader.BytesConsumed, path, line);
            }

            var start = (int)reader.TokenStartIndex;
            if (!reader.TrySkip())
            {
                return false;
            }

            element = new Element(start, (int)reader.BytesConsumed - start);
            state = reader.CurrentState;
            return true;
        }
        catch (JsonException e)
        {
            var where = $"{path} line {(e.LineNumber ?? line - 1) + 1}";
            throw bytes.AtEnd && reader.BytesConsumed >= bytes.Available.Span.TrimEnd(" \t\r\n"u8).Length
                ? JsonFault.OfForm(where, "the file ends inside the array that it begins with. Get the file again, or close the array.", e)
                : JsonFault.Of(where, bytes.Available.Span, (int)reader.BytesConsumed, e);
        }
    }

    // Whether nothing but white space stands behind the array; false also where more bytes are needed.
    static bool IsEnd(DataBytes bytes, int end, string path, long line)
    {
        var behind = bytes.Available.Span[end..];
        var space = behind.IndexOfAnyExcept(" \t\r\n"u8);
        return space < 0
            ? bytes.AtEnd
            : throw JsonFault.OfForm(
                $"{path} line {line + bytes.Available.Span[..(end + space)].Count((byte)'\n')}",
                $"'{(char)behind[space]}' stands behind the array that the file begins with. "
                + "A file is one array of rows, or one object a line: put the rows of all arrays into one.");
    }

    readonly record struct Element(int Start, int Length);
}
