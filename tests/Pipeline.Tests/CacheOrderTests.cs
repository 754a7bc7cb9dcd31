using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

/// <summary>Caches of the same rows, made in many ways: the same seed makes the same steps of them.</summary>
public sealed class CacheOrderTests : IDisposable
{
    const int Steps = 7;

    readonly TemporaryFolder folder = new();

    public CacheOrderTests() => TinyModel.Write(Model);

    string Model => folder.File("model");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_order_of_the_rows_does_not_depend_on_how_a_cache_of_pairs_was_made()
    {
        string[] data =
        [
            folder.Write("b.jsonl", TinyPairs.Lines(20)), folder.Write("a.jsonl", TinyPairs.Lines(17, words: 6, seed: 2)),
            // Ranked completions: several pairs of one row, put together again.
            folder.Write("ranked.jsonl", Ranked(9)),
        ];
        SameSteps("sigmoid", data, "--pairs", "all");
    }

    [Fact]
    public void Nor_that_of_unpaired_feedback() => SameSteps("kto", [folder.Write("feedback.jsonl", Feedback(60))]);

    void SameSteps(string loss, string[] data, params string[] more)
    {
        string[] source = ["--model", Model, "--data", .. data, "--eval-fraction", "0.25", .. more];
        TinyPipeline.Succeed(["precompute", .. source, "--out", folder.File("whole")]);
        // Shards in another order than theirs, in one folder.
        foreach (var shard in (string[])["3/3", "1/3", "2/3"])
        {
            TinyPipeline.Succeed(["precompute", .. source, "--shard", shard, "--out", folder.File("shards")]);
        }

        List<string> caches = ["whole", "shards"];
        if (loss == "sigmoid")
        {
            // Most scores taken over from another cache, the rest scored in other batches.
            string[] part = [.. source, "--max-rows", "13"];
            TinyPipeline.Succeed(["precompute", .. part, "--out", folder.File("part")]);
            TinyPipeline.Succeed(
                ["precompute", .. source, "--reuse", folder.File("part"), "--shard", "2/2", "--out", folder.File("reused")]);
            TinyPipeline.Succeed(
                ["precompute", .. source, "--reuse", folder.File("part"), "--shard", "1/2", "--out", folder.File("reused")]);
            caches.Add("reused");
        }

        foreach (var cache in caches)
        {
            TinyPipeline.Succeed(
                "train", "--model", Model, "--ref", folder.File(cache), "--loss", loss, "--max-steps", $"{Steps}", "--batch-pairs", "8",
                "--learning-rate", "1e-3", "--seed", "5", "--out", folder.File($"run-{cache}"));
        }

        foreach (var cache in caches[1..])
        {
            Assert.Equal(State("whole"), State(cache));
            Assert.Equal(Logged("whole", "num_tokens"), Logged(cache, "num_tokens"));
            // A shard takes KTO's mismatched completions from itself, so another cut has another reference point.
            if (loss == "kto")
            {
                continue;
            }

            // The same rows in each step, and numbers that differ as the references' do: by rounding, since batches were others.
            foreach (var metric in (string[])["loss", "grad_norm", "rewards/margins", "eval_loss"])
            {
                AssertClose(
                    Logged("whole", metric), Logged(cache, metric), Tolerances.RecordedMetrics, Tolerances.RecordedMetrics, what: metric);
            }
        }
    }

    string State(string cache)
    {
        var path = Path.Combine(folder.File($"run-{cache}"), "checkpoints", $"step-{Steps}", "trainer_state.json");
        return (string)JsonNode.Parse(File.ReadAllText(path))!["data_digest"]!;
    }

    double[] Logged(string cache, string metric) =>
    [
        .. File.ReadLines(Path.Combine(folder.File($"run-{cache}"), "metrics.jsonl"))
            .Select(line => JsonNode.Parse(line)![metric]).OfType<JsonNode>().Select(value => (double)value),
    ];

    static string Ranked(int rows) => string.Join('\n', Enumerable.Range(0, rows).Select(i => JsonSerializer.Serialize(new
    {
        prompt = $"r{i}: apple door?",
        completions = new[] { $" Yes, hill {i}.", " No.", $" Perhaps, lamp {i}, please." },
        scores = new[] { 3 + (i % 2), 1, 2 },
    })));

    static string Feedback(int rows) => string.Join('\n', TinyPairs.Lines(rows).TrimEnd().Split('\n').SelectMany((line, i) =>
    {
        var pair = JsonNode.Parse(line)!;
        return new[]
        {
            JsonSerializer.Serialize(new { prompt = (string)pair["prompt"]!, completion = (string)pair["chosen"]!, label = true }),
            JsonSerializer.Serialize(new { prompt = (string)pair["prompt"]!, completion = (string)pair["rejected"]!, label = false }),
        }[..(1 + (i % 2))];
    }));
}
