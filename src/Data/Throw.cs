using System.Text.Json;

namespace OrtDpo.Data;

/// <summary>Messages about data files that occur in more than one place.</summary>
static class Throw
{
    internal static InvalidDataException NotJson(string path, long line, JsonException e)
    {
        // System.Text.Json ends its sentences with " LineNumber: … | BytePositionInLine: …", counted from the row and from 0.
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var reason = end < 0 ? e.Message : e.Message[..end];
        return new InvalidDataException($"{path} line {line}: not valid JSON ({reason.TrimEnd('.')}). Correct the row.", e);
    }
}
