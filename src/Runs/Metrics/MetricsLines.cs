using System.Text.Json;

namespace OrtDpo.Runs;

/// <summary>Reads a run's <c>metrics.jsonl</c>.</summary>
public static class MetricsLines
{
    /// <summary>
    /// All lines of <paramref name="path"/>, in order; none where there is no such file. What JSON has no number for is NaN.
    /// </summary>
    /// <exception cref="InvalidDataException">A line is damaged. One without its end is left out: it is being written.</exception>
    public static IReadOnlyList<MetricsLine> Read(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        // A run that goes on has the file open and writes it.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var lines = reader.ReadToEnd().Split('\n');
        return [.. lines[..^1].Select((line, i) => Parse(line, path, i + 1))];
    }

    static MetricsLine Parse(string text, string path, int number)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var line = new MetricsLine();
            foreach (var member in document.RootElement.EnumerateObject())
            {
                line.Add(member.Name, member.Value.ValueKind == JsonValueKind.Null ? double.NaN : member.Value.GetDouble());
            }

            return line.Find("step") is null ? throw new JsonException("It has no 'step'.") : line;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException(
                FormattableString.Invariant($"{path} line {number} is no line of metrics as this program writes it: {e.Message}"), e);
        }
    }
}
