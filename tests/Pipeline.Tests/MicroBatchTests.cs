using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

/// <summary>
/// A step of eight rows on the demo model, divided in any way and computed by any number of threads, is the same step.
/// </summary>
public sealed class MicroBatchTests : IDisposable
{
    // One-sided differences add up over a run; a loss itself is as exact as the float32 sums that it is of.
    const double Loss = 1e-5, Drift = 2e-6;

    static readonly (int MicroPairs, int Threads)[] Divisions = [(8, 1), (1, 1), (2, 1), (4, 1), (8, 2), (1, 2), (2, 2), (4, 2)];

    readonly TemporaryFolder folder = new();

    public static TheoryData<string, string[]> Objectives => new()
    {
        { "sigmoid", [] },
        { "aot", [] },
        { "kto", [] },
        { "sigmoid", ["--lora-rank", "8"] },
        { "aot", ["--lora-rank", "8"] },
    };

    static string Model => Repository.Find("models", "demo");

    public void Dispose() => folder.Dispose();

    [Theory]
    [Trait("Speed", "long")]
    [MemberData(nameof(Objectives))]
    public void Fifty_steps_are_the_same_in_any_division(string loss, string[] more) => SameSteps(loss, more, steps: 50, rows: 400);

    [Theory]
    [InlineData("sigmoid")]
    [InlineData("kto")]
    public void Three_steps_are_the_same_in_any_division_by_one_thread(string loss) => SameSteps(loss, [], steps: 3, rows: 40, most: 1);

    void SameSteps(string loss, string[] more, int steps, int rows, int most = 2)
    {
        var data = folder.Write("rows.jsonl", Rows(loss, rows));
        // The longest are what micro-batches differ by.
        TinyPipeline.Succeed("precompute", "--model", Model, "--data", data, "--max-length", "128", "--out", folder.File("ref"));
        var divisions = Divisions.Where(division => division.Threads <= most).ToList();
        foreach (var (micro, threads) in divisions)
        {
            TinyPipeline.Succeed(
                ["train", "--model", Model, "--ref", folder.File("ref"), "--loss", loss, "--max-steps", $"{steps}", "--batch-pairs", "8",
                    "--micro-pairs", $"{micro}", "--threads", $"{threads}", "--learning-rate", "1e-4",
                    "--out", Run(micro, threads), .. more]);
        }

        var expected = Losses(divisions[0]);
        Assert.Equal(steps, expected.Length);
        foreach (var division in divisions[1..])
        {
            var found = Losses(division);
            AssertClose(expected, found, Loss, what: $"{division.MicroPairs} rows by {division.Threads} threads");
            var drift = expected.Zip(found, (one, other) => other - one).Average();
            AssertClose(0, drift, Drift, what: $"mean of {division.MicroPairs} rows by {division.Threads} threads");
            var largest = expected.Zip(found, (one, other) => Math.Abs(other - one)).Max();
            TestContext.Current.SendDiagnosticMessage(
                $"{loss} {string.Join(' ', more)} {division}: largest {largest:g3}, mean {drift:g3}");
        }
    }

    string Run(int micro, int threads) => folder.File($"run-{micro}-{threads}");

    double[] Losses((int MicroPairs, int Threads) division) =>
    [
        .. File.ReadLines(Path.Combine(Run(division.MicroPairs, division.Threads), "metrics.jsonl"))
            .Select(line => (double)JsonNode.Parse(line)!["loss"]!),
    ];

    static string Rows(string loss, int rows)
    {
        var pairs = File.ReadLines(Path.Combine(Model, "data", "train.jsonl")).Take(rows);
        return string.Join('\n', loss != "kto" ? pairs : pairs.Select((line, i) =>
        {
            var pair = JsonNode.Parse(line)!;
            var isDesirable = i % 2 == 0;
            return JsonSerializer.Serialize(new
            {
                prompt = (string)pair["prompt"]!,
                completion = (string)pair[isDesirable ? "chosen" : "rejected"]!,
                label = isDesirable,
            });
        }));
    }
}
