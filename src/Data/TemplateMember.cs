using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>
/// The member <c>chat_template</c> of <c>tokenizer_config.json</c> and <c>chat_template.json</c>: a text, or a list of texts with names.
/// </summary>
static class TemplateMember
{
    const string Name = "chat_template";
    const string Default = "default";

    static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    /// <summary>
    /// The file with <paramref name="template"/> as its default template, which stands last where it had none; every other byte stays, and
    /// with them the templates of other names.
    /// </summary>
    /// <param name="file">A JSON object in UTF-8.</param>
    /// <param name="template">A template's text.</param>
    /// <param name="asText">Whether a list becomes the one text, so that its other templates go.</param>
    internal static byte[] With(ReadOnlySpan<byte> file, string template, bool asText = false)
    {
        var start = file.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        var text = JsonSerializer.Serialize(template, Readable);
        var result = new List<byte>();
        var at = 0;
        foreach (var (from, to, written) in Edits(file[start..], text, asText))
        {
            result.AddRange(file[at..(start + from)]);
            result.AddRange(Encoding.UTF8.GetBytes(written));
            at = start + to;
        }

        result.AddRange(file[at..]);
        return [.. result];
    }

    static List<(int From, int To, string Text)> Edits(ReadOnlySpan<byte> json, string text, bool asText)
    {
        var reader = new Utf8JsonReader(json);
        var edits = new List<(int, int, string)>();
        reader.Read();
        var open = (int)reader.BytesConsumed;
        var (first, last) = (-1, open);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            first = first < 0 ? (int)reader.TokenStartIndex : first;
            var isTemplate = reader.ValueTextEquals(Name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (isTemplate && reader.TokenType == JsonTokenType.StartArray && !asText)
            {
                edits.AddRange(OfNamed(ref reader, text));
            }
            else
            {
                reader.Skip();
                if (isTemplate)
                {
                    edits.Add((start, (int)reader.BytesConsumed, text));
                }
            }

            last = (int)reader.BytesConsumed;
        }

        if (edits.Count == 0)
        {
            // Behind white space as the first member has.
            var space = first < 0 ? "" : $",{Encoding.UTF8.GetString(json[open..first])}";
            edits.Add((last, last, $"{space}\"{Name}\": {text}"));
        }

        return edits;
    }

    // From the beginning of the list to its end.
    static List<(int From, int To, string Text)> OfNamed(ref Utf8JsonReader reader, string text)
    {
        var edits = new List<(int, int, string)>();
        var begin = (int)reader.BytesConsumed;
        var isEmpty = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            isEmpty = false;
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            var (isDefault, from, to) = (false, -1, -1);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isName, isText) = (reader.ValueTextEquals("name"), reader.ValueTextEquals("template"));
                reader.Read();
                isDefault |= isName && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(Default);
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                (from, to) = isText ? (start, (int)reader.BytesConsumed) : (from, to);
            }

            if (isDefault && from >= 0)
            {
                edits.Add((from, to, text));
            }
        }

        if (edits.Count == 0)
        {
            edits.Add((begin, begin, $"{{\"name\": \"{Default}\", \"template\": {text}}}{(isEmpty ? "" : ", ")}"));
        }

        return edits;
    }
}
