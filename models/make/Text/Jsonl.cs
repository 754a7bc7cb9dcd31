using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrtDpo.DemoModel.Text;

/// <summary>Writes rows as JSON lines, with Unix line ends on every system.</summary>
public static class Jsonl
{
    // The text is read by people: apostrophes stay as they are.
    static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Text<T>(IEnumerable<T> rows) => string.Concat(rows.Select(row => JsonSerializer.Serialize(row, Options) + "\n"));

    /// <summary>Writes the rows; a path that ends in <c>.gz</c> is compressed.</summary>
    public static void Write<T>(string path, IEnumerable<T> rows)
    {
        using var file = File.Create(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.SmallestSize) : file;
        stream.Write(Encoding.UTF8.GetBytes(Text(rows)));
    }
}
