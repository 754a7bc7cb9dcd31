using System.Text.Json;
using System.Text.Json.Nodes;
using OrtDpo.Data.Cache;

namespace OrtDpo.Pipeline.Tests;

/// <summary>Ranked completions through the programs as a user runs them.</summary>
public sealed class RankedChainTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Ranked_completions_are_scored_once_trained_on_as_pairs_verified_and_exported()
    {
        var model = TinyModel.Write(folder.File("model"));
        var data = folder.Write("ranked.jsonl", Lines(24));
        string[] of = ["--model", model, "--data", data];
        var inspected = JsonNode.Parse(TinyPipeline.Succeed(["inspect", .. of, "--pairs", "best-rest", "--json"]))!;
        Assert.Equal(72, (int)inspected["ledger"]!["ranked"]!["pairs"]!);
        Assert.Equal(
            ["prompt", "completion 1", "completion 2", "completion 3", "completion 4"],
            inspected["shown_text"]!.AsObject().Select(part => part.Key));

        var adjacent = TinyPipeline.Succeed(["precompute", .. of, "--pairs", "adjacent", "--out", folder.File("adjacent")]);
        Assert.Contains(
            "ranked completions: 72 pairs (adjacent) of 24 rows, whose 96 completions are scored once each",
            adjacent, StringComparison.Ordinal);
        var all = TinyPipeline.Succeed(
        [
            "precompute", .. of, "--pairs", "all", "--eval-fraction", "0.2", "--reuse", folder.File("adjacent"),
            "--out", folder.File("all"),
        ]);
        Assert.Contains("to score: 0 pairs that no older cache holds", all, StringComparison.Ordinal);
        Assert.Equal(24 * 6, ReferenceCache.Open(folder.File("all")).Rows.Count);
        Assert.Equal(0, OrtDpoProgram.Run("verify", folder.File("all"), "--model", model).ExitCode);

        string[] train = ["train", "--model", model, "--ref", folder.File("all"), "--max-steps", "3", "--out", folder.File("run")];
        var trained = TinyPipeline.Succeed([.. train, "--batch-pairs", "12"]);
        Assert.Matches(@"step-0 gate: passed on \d+ rows", trained);
        Assert.Matches(@"data: \d+ pairs to train on", trained);
        TinyPipeline.Succeed(["export", "--run", folder.File("run"), "--out", folder.File("deploy")]);

        var refused = OrtDpoProgram.Run([.. train[..^1], folder.File("other"), "--batch-pairs", "4"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("gives 6 pairs, which lie in one step, and --batch-pairs is 4.", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_reference_the_same_rows_are_trained_on_whether_the_run_is_resumed_or_not()
    {
        var model = TinyModel.Write(folder.File("model"));
        var data = folder.Write("ranked.jsonl", Lines(12));
        string[] train =
        [
            "train", "--model", model, "--data", data, "--pairs", "best-rest", "--loss", "simpo", "--max-steps", "4", "--save-steps", "2",
        ];
        TinyPipeline.Succeed([.. train, "--out", folder.File("whole")]);
        TinyPipeline.Succeed([.. train, "--out", folder.File("cut")]);
        Directory.Delete(folder.File("cut/checkpoints/step-4"), recursive: true);
        File.Delete(folder.File("cut/manifest.json"));
        TinyPipeline.Succeed([.. train, "--out", folder.File("cut"), "--resume"]);
        Assert.Equal(
            File.ReadAllBytes(folder.File("whole/checkpoints/step-4/model.safetensors")),
            File.ReadAllBytes(folder.File("cut/checkpoints/step-4/model.safetensors")));
        Assert.Contains("pairs: \"best-rest\"", File.ReadAllText(folder.File("whole/config.yaml")), StringComparison.Ordinal);
    }

    static string Lines(int rows) => string.Concat(Enumerable.Range(0, rows).Select(i => JsonSerializer.Serialize(new
    {
        prompt = $"Question {i}?",
        completions = new[] { $" Perhaps {i}.", $" Yes, {i} it is.", " No.", $" I do not know what {i} is." },
        scores = new[] { 3, 5, 1, 2 },
    }) + "\n"));
}
