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
    public static IEnumerable<RunEvaluation> All(string folder) =>
        MetricsLines.Read(Path.Combine(folder, MetricsFile.FileName)).Select(Of).OfType<RunEvaluation>();

    /// <summary>That of a checkpoint: after its step, or where there was none the last before it; null: there is none.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="step">The checkpoint's steps.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static RunEvaluation? At(string folder, int step) => All(folder).LastOrDefault(evaluation => evaluation.Step <= step);

    static RunEvaluation? Of(MetricsLine line)
    {
        var own = line.Values.Where(value => value.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .ToLookup(value => double.IsFinite(value.Value), value => KeyValuePair.Create(value.Key[Prefix.Length..], value.Value));
        return own.Count == 0 ? null : new RunEvaluation((long)line["step"], own[true].ToDictionary(StringComparer.Ordinal))
        {
            NotFinite = [.. own[false].Select(value => value.Key)],
        };
    }
}
