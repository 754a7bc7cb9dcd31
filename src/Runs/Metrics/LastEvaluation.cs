using System.Text.Json;

namespace OrtDpo.Runs;

/// <summary>The last evaluation in a run's <c>metrics.jsonl</c>.</summary>
/// <param name="Step">After how many optimizer steps.</param>
/// <param name="Values">Its numbers by name, without the prefix <c>eval_</c>; those that are not finite are left out.</param>
public sealed record LastEvaluation(long Step, IReadOnlyDictionary<string, double> Values)
{
    const string Prefix = "eval_";

    /// <summary>Reads it; null: the run has none.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static LastEvaluation? Of(string folder)
    {
        var path = Path.Combine(folder, MetricsFile.FileName);
        return !File.Exists(path) ? null : File.ReadLines(path).Index().Reverse()
            .Select(line => Read(line.Item, path, line.Index + 1))
            .FirstOrDefault(evaluation => evaluation is not null);
    }

    static LastEvaluation? Read(string line, string path, int number)
    {
        if (!line.Contains($"\"{Prefix}", StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(line);
            var numbers = document.RootElement.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Number).ToList();
            return new LastEvaluation(
                (long)numbers.First(member => member.Name == "step").Value.GetDouble(),
                numbers.Where(member => member.Name.StartsWith(Prefix, StringComparison.Ordinal))
                    .ToDictionary(member => member.Name[Prefix.Length..], member => member.Value.GetDouble(), StringComparer.Ordinal));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException(
                FormattableString.Invariant($"{path} line {number} is no evaluation as this program writes it: {e.Message}"), e);
        }
    }
}
