using System.Text.Json.Nodes;
using OrtDpo.Pipeline.Tests.Fixtures;

namespace OrtDpo.Pipeline.Tests.OnDevice;

/// <summary>Runs that differ in their engine alone.</summary>
static class TwoRuns
{
    // That both compute in float32, each with sums in its own order.
    const double Tolerance = 1e-4;

    /// <summary>Checks every metric of every line, and the files of the last checkpoint by name and value.</summary>
    /// <param name="expected">The run of the step engine.</param>
    /// <param name="found">The other run.</param>
    /// <param name="steps">The last step.</param>
    public static void RequireAlike(string expected, string found, int steps)
    {
        var (lines, others) = (Metrics(expected), Metrics(found));
        Assert.Equal(lines.Count, others.Count);
        foreach (var (line, other) in lines.Zip(others))
        {
            Assert.Equal(Compared(line), Compared(other));
            Assert.All(Compared(line), name => RequireClose((double)line[name]!, (double)other[name]!));
        }

        var (one, two) = (Path.Combine(expected, "checkpoints", $"step-{steps}"), Path.Combine(found, "checkpoints", $"step-{steps}"));
        Assert.Equal(Directory.GetFiles(one).Select(Path.GetFileName).Order(), Directory.GetFiles(two).Select(Path.GetFileName).Order());
        foreach (var file in Directory.GetFiles(one, "*.safetensors").Select(Path.GetFileName))
        {
            var (values, otherValues) = (
                SafetensorsValues.Read(Path.Combine(one, file!)), SafetensorsValues.Read(Path.Combine(two, file!)));
            Assert.Equal(values.Length, otherValues.Length);
            Assert.All(values.Zip(otherValues), pair => RequireClose(pair.First, pair.Second));
        }
    }

    // Of numbers above 1, as ipo's losses and sums of log-probabilities are, relative.
    static void RequireClose(double expected, double found) =>
        Assert.Equal(expected, found, Tolerance * Math.Max(1, Math.Abs(expected)));

    // But for times, and for the one metric that asks a model's head for more than log-probabilities.
    static IEnumerable<string> Compared(JsonObject line) => line.Select(entry => entry.Key)
        .Where(name => name != "eval_mean_token_accuracy" && !name.EndsWith("per_second", StringComparison.Ordinal));

    static List<JsonObject> Metrics(string run) =>
        [.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject())];
}
