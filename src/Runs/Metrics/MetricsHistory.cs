using System.Text.Json;

namespace OrtDpo.Runs;

/// <summary>What a run's <c>metrics.jsonl</c> has of the steps before those that a resumed run makes.</summary>
public static class MetricsHistory
{
    /// <summary>
    /// The lines up to <paramref name="lastStep"/>, in order; a number that is not finite, which the file has as null, is not a number.
    /// They may be read while the run, which goes on behind that step, adds others.
    /// </summary>
    /// <param name="folder">The run's folder; one without the file has no lines.</param>
    /// <param name="lastStep">Steps that are done.</param>
    /// <exception cref="InvalidDataException">A line is none that this program writes.</exception>
    public static IEnumerable<MetricsLine> Read(string folder, int lastStep)
    {
        var path = Path.Combine(folder, MetricsFile.FileName);
        if (!File.Exists(path))
        {
            yield break;
        }

        using var reader = new StreamReader(
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        for (var number = 1; reader.ReadLine() is { } text; number++)
        {
            var line = Parse(text, path, number);
            if (line["step"] > lastStep)
            {
                yield break;
            }

            yield return line;
        }
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

            return line.Find("step") is { } step && double.IsInteger(step) ? line : throw new JsonException("It has no step.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException(
                FormattableString.Invariant($"{path} line {number} is no line as this program writes it: {e.Message}"), e);
        }
    }
}
