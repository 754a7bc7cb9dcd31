using System.Text.Json;

namespace OrtDpo.Runs;

/// <summary>An evaluation in a run's <c>metrics.jsonl</c>.</summary>
/// <param name="Step">After how many optimizer steps.</param>
/// <param name="Values">Its numbers by name, without the prefix <c>eval_</c>; those that are not finite are left out.</param>
public sealed record RunEvaluation(long Step, IReadOnlyDictionary<string, double> Values)
{
    /// <summary>The names, without the prefix, of those that are not finite.</summary>
    public IReadOnlyCollection<string> NotFinite { get; init; } = [];

    /// <summary>What the names of its numbers begin with.</summary>
    public const string Prefix = "eval_";

    /// <summary>All of a run, in order.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static IEnumerable<RunEvaluation> All(string folder)
    {
        var path = Path.Combine(folder, MetricsFile.FileName);
        return !File.Exists(path) ? [] : Lines(path).Index()
            .Select(line => Read(line.Item, path, line.Index + 1))
            .OfType<RunEvaluation>();
    }

    /// <summary>That of a checkpoint: after its step, or where there was none the last before it; null: there is none.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="step">The checkpoint's steps.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static RunEvaluation? At(string folder, int step) => All(folder).LastOrDefault(evaluation => evaluation.Step <= step);

    // A run that goes on has the file open and writes it.
    static IEnumerable<string> Lines(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    static RunEvaluation? Read(string line, string path, int number)
    {
        if (!line.Contains($"\"{Prefix}", StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(line);
            var members = document.RootElement.EnumerateObject().ToList();
            var own = members.Where(member => member.Name.StartsWith(Prefix, StringComparison.Ordinal)).ToLookup(
                member => member.Value.ValueKind == JsonValueKind.Null);
            return new RunEvaluation(
                (long)members.First(member => member.Name == "step").Value.GetDouble(),
                own[false].ToDictionary(
                    member => member.Name[Prefix.Length..], member => member.Value.GetDouble(), StringComparer.Ordinal))
            {
                NotFinite = [.. own[true].Select(member => member.Name[Prefix.Length..])],
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException(
                FormattableString.Invariant($"{path} line {number} is no evaluation as this program writes it: {e.Message}"), e);
        }
    }
}
