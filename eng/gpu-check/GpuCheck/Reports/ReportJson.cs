using System.Text.Json;
using System.Text.Json.Serialization;
using OrtDpo.Runs;

namespace OrtDpo.GpuCheck.Reports;

/// <summary>The form that results and reports have in files.</summary>
static class ReportJson
{
    static readonly JsonSerializerOptions Options = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, Converters = { new JsonStringEnumConverter() },
    };

    public static T Read<T>(string path) => JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Options)
        ?? throw new InvalidDataException($"{path} holds 'null'; expected a {typeof(T).Name}. Run the checks again.");

    public static void Write<T>(string path, T value) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, value, Options));
}
