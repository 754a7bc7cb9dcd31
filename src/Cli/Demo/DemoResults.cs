using System.Text.Json;

namespace OrtDpo.Cli.Demo;

/// <summary>The first and the last evaluation of the demo's run.</summary>
/// <param name="Before">Metrics by name, before the first step.</param>
/// <param name="After">Metrics by name, after the last step.</param>
sealed record DemoResults(IReadOnlyDictionary<string, double> Before, IReadOnlyDictionary<string, double> After)
{
    /// <summary>Reads the evaluations of <c>metrics.jsonl</c>.</summary>
    public static DemoResults Read(string metrics)
    {
        var evaluations = File.ReadLines(metrics)
            .Select(line => JsonSerializer.Deserialize<Dictionary<string, double?>>(line)!)
            .Where(line => line.ContainsKey("eval_loss"))
            .Select(line => line.Where(v => v.Value is not null).ToDictionary(v => v.Key, v => v.Value!.Value))
            .ToList();
        return new DemoResults(evaluations[0], evaluations[^1]);
    }
}
