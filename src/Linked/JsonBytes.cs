using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace OrtDpo.Linked;

/// <summary>
/// JSON as files hold it. <see cref="JsonDocument"/> looks at what a string holds only when the string is asked for, and then throws what
/// nobody expects of a file; here its bytes are looked at first. Compiled into each assembly that reads such files, as
/// <see cref="GitLfsPointer"/> is.
/// </summary>
static class JsonBytes
{
    static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    /// <summary>The document in the file at <paramref name="path"/>.</summary>
    /// <exception cref="InvalidDataException">It is a Git LFS pointer, or a string in it is no text; the message says where.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    internal static JsonDocument ReadFile(string path)
    {
        var text = File.ReadAllBytes(path);
        GitLfsPointer.Refuse(text, path);
        return Parse(text, path);
    }

    /// <summary>The text of the file at <paramref name="path"/>, which may not be JSON, without its byte order mark.</summary>
    /// <exception cref="InvalidDataException">It is a Git LFS pointer, or not UTF-8; the message says where.</exception>
    internal static ReadOnlyMemory<byte> ReadText(string path)
    {
        var text = File.ReadAllBytes(path);
        GitLfsPointer.Refuse(text, path);
        RequireUtf8(text, path, start: 0);
        return WithoutMark(text);
    }

    /// <summary>The document that <paramref name="text"/> is.</summary>
    /// <param name="text">UTF-8, a byte order mark before it or none.</param>
    /// <param name="where">The file, for messages.</param>
    /// <param name="start">Bytes of the file before the text.</param>
    /// <inheritdoc cref="ReadFile"/>
    internal static JsonDocument Parse(ReadOnlyMemory<byte> text, string where, long start = 0)
    {
        RequireUtf8(text.Span, where, start);
        var document = JsonDocument.Parse(WithoutMark(text));
        if (LoneSurrogate(text.Span) is { } half)
        {
            document.Dispose();
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"{where}: the string at byte {start + half} holds '{Encoding.ASCII.GetString(text.Span.Slice(half, 6))}', half of a "
                + $"surrogate pair, which is no character. Correct the string, or get the file again."));
        }

        return document;
    }

    /// <summary>The first byte that is not part of valid UTF-8; null where there is none.</summary>
    internal static int? BadByte(ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text))
        {
            return null;
        }

        var at = 0;
        while (Rune.DecodeFromUtf8(text[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }

    /// <summary>The first escape in valid JSON that is half of a surrogate pair without its other half; null where there is none.</summary>
    internal static int? LoneSurrogate(ReadOnlySpan<byte> json)
    {
        for (var at = 0; at < json.Length; at++)
        {
            var next = json[at..].IndexOf((byte)'\\');
            if (next < 0)
            {
                return null;
            }

            at += next;
            var unit = Unit(json[at..]);
            if (char.IsHighSurrogate(unit) && char.IsLowSurrogate(Unit(json[(at + 6)..])))
            {
                at += 11;
            }
            else if (char.IsSurrogate(unit))
            {
                return at;
            }
            else
            {
                at++;
            }
        }

        return null;
    }

    static void RequireUtf8(ReadOnlySpan<byte> text, string where, long start)
    {
        if (BadByte(text) is { } bad)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"{where}: byte {start + bad} is 0x{text[bad]:X2}, which is not valid UTF-8 there. JSON is UTF-8: get the file again."));
        }
    }

    static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> text) =>
        text.Span.StartsWith(ByteOrderMark) ? text[ByteOrderMark.Length..] : text;

    // The code unit of \uXXXX; of anything else 0, which is no surrogate.
    static char Unit(ReadOnlySpan<byte> json) =>
        json is [(byte)'\\', (byte)'u', _, _, _, _, ..]
            && ushort.TryParse(json[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : '\0';
}
