using System.Text;
using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>What is wrong with text that is no JSON. Most of it is some other program's way of writing values.</summary>
static class JsonFault
{
    static readonly string[] Numbers = ["NaN", "nan", "Infinity", "-Infinity", "inf", "-inf"];

    const string AsPython =
        "how Python prints values. Write the rows with json.dumps: null, true, false and double quotes.";

    static readonly string[] Python = ["None", "True", "False"];

    /// <summary>The sentence for a fault that the JSON reader found.</summary>
    /// <param name="where">File and line.</param>
    /// <param name="text">Text around the fault.</param>
    /// <param name="at">Where in it the reader stopped.</param>
    /// <param name="e">What the reader says.</param>
    internal static InvalidDataException Of(string where, ReadOnlySpan<byte> text, int at, JsonException e)
    {
        var rest = text[at..].TrimStart(" \t\r\n"u8);
        var word = Word(text, text.Length - rest.Length);
        var reason =
            Numbers.Contains(word) ? $": {word} is no number of JSON. Write null, or leave the member out."
            : rest is [(byte)'\'', ..] ? $": single quotes are {AsPython}"
            : Python.Contains(word) ? $": {word} is {AsPython}"
            : rest is [(byte)'#', ..] or [(byte)'/', (byte)'/' or (byte)'*', ..]
                ? ": a comment stands here, and JSON has none. Take it out."
            : rest is [(byte)'}' or (byte)']', ..] && text[..^rest.Length].TrimEnd(" \t\r\n"u8) is [.., (byte)',']
                ? $": a comma stands before '{(char)rest[0]}', with nothing behind it. Take it out."
            : null;
        return new InvalidDataException($"{where}: not valid JSON{reason ?? $" ({Reason(e)}). Correct the row."}", e);
    }

    /// <summary>A fault of the file's form: all values in it may be valid JSON.</summary>
    internal static InvalidDataException OfForm(string where, string sentences, JsonException? e = null) =>
        new($"{where}: not valid JSON: {sentences}", e);

    // System.Text.Json ends its sentences with " LineNumber: … | BytePositionInLine: …", counted from the row and from 0.
    static string Reason(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? e.Message : e.Message[..end]).TrimEnd('.');
    }

    // The word around a place, with a sign before it: the reader stops at its beginning, or at the first letter that is wrong.
    static string Word(ReadOnlySpan<byte> text, int at)
    {
        static bool IsPart(byte b) => char.IsAsciiLetter((char)b) || b == '-';

        var start = Math.Min(at, text.Length);
        var end = start;
        while (start > 0 && IsPart(text[start - 1]))
        {
            start--;
        }

        while (end < text.Length && IsPart(text[end]))
        {
            end++;
        }

        return Encoding.ASCII.GetString(text[start..end]);
    }
}
