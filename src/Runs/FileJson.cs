using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrtDpo.Linked;

namespace OrtDpo.Runs;

/// <summary>JSON files that the programs write and read back: snake_case, indented, strict.</summary>
public static class FileJson
{
    /// <summary>How every such file is written and read: unknown, missing and duplicate members are errors.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        // Keys of dictionaries stay as they are: names of files are among them, such as LICENSE.
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        // The files are read by people and tools, never put into a web page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
    };

    /// <summary>Writes <paramref name="value"/> atomically.</summary>
    public static void Write<T>(string path, T value) => AtomicFile.WriteText(path, JsonSerializer.Serialize(value, Options) + "\n");

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not JSON, or not of this shape.</exception>
    public static T Read<T>(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path} is missing. Expected it as this program wrote it; restore the file.", path);
        }

        try
        {
            return JsonSerializer.Deserialize<T>(JsonBytes.ReadText(path).Span, Options)
                ?? throw new JsonException("The file holds only 'null'.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} cannot be read as this program writes it: {e.Message}", e);
        }
    }
}
