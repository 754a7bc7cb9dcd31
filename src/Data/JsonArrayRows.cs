using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>A JSON array of rows, read element by element.</summary>
static class JsonArrayRows
{
    internal static IEnumerable<JsonRow> Read(DataBytes bytes, string path)
    {
        var state = new JsonReaderState();
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
            using var row = JsonRows.Parse(text, path, line);
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
                // Behind the array only white space is valid JSON; the reader says so once it has seen the end.
                return bytes.AtEnd && !reader.Read();
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
            throw Throw.NotJson(path, (e.LineNumber ?? line - 1) + 1, e);
        }
    }

    readonly record struct Element(int Start, int Length);
}
