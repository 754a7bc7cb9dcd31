using System.Text.Json;
using System.Text.Json.Nodes;
using OrtDpo.Pipeline.Tests.Ship;
using OrtDpo.Runs;

namespace OrtDpo.Pipeline.Tests;

/// <summary>Named sets in a cache, a run that is at its best in its middle, and that checkpoint in everything that takes a run.</summary>
public sealed class BestCheckpointChainTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_best_checkpoint_is_scored_exported_judged_and_talked_to()
    {
        var (model, cache, run) = (TinyModel.Write(folder.File("model")), folder.File("ref"), folder.File("run"));
        var lines = TinyPairs.Lines(40).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var data = folder.Write("pairs.jsonl", string.Join('\n', lines[..28]) + "\n");
        var hard = folder.Write("hard.jsonl", string.Join('\n', lines[28..34]) + "\n");
        var rest = folder.Write("rest.jsonl", string.Join('\n', lines[34..]) + "\n");
        var said = TinyPipeline.Succeed(
            "precompute", "--model", model, "--data", data, "--eval-data", $"hard={hard}", rest, "--allow-leak", "--out", cache);
        Assert.Contains("held-out sets: hard (hard.jsonl).", said, StringComparison.Ordinal);
        Assert.Contains(
            "held-out sets: hard (hard.jsonl).",
            TinyPipeline.Succeed(
                "inspect", "--model", model, "--data", data, "--eval-data", $"hard={hard}", rest),
            StringComparison.Ordinal);

        // The highest loss of a set is at its first evaluation: the best is neither the last nor a step of saving.
        TinyPipeline.Succeed(
            "train", "--model", model, "--ref", cache, "--max-steps", "6", "--save-steps", "2", "--eval-steps", "1",
            "--learning-rate", "1e-2", "--metric-for-best", "eval_hard_loss", "--greater-is-better", "true", "--samples", "2",
            "--sample-tokens", "4", "--out", run);
        var best = BestCheckpoint.Find(run)!;
        Assert.Equal("eval_hard_loss", best.Metric);
        Assert.InRange(best.Step, 1, 5);
        TinyPipeline.Succeed("verify", run);

        var found = JsonNode.Parse(TinyPipeline.Succeed("eval", "--run", run, "--checkpoint", "best", "--json"))!;
        Assert.Equal(best.Step, (int)found["step"]!);
        AssertClose(best.Value, (double)found["eval_hard_loss"]!, Tolerances.Float32);
        Assert.NotEqual(
            (double)found["eval_hard_loss"]!,
            (double)JsonNode.Parse(TinyPipeline.Succeed("eval", "--run", run, "--json"))!["eval_hard_loss"]!);

        var deployed = folder.File("deployed");
        Assert.Contains(
            best.Checkpoint, TinyPipeline.Succeed("export", "--run", run, "--checkpoint", "best", "--out", deployed),
            StringComparison.Ordinal);
        var parity = JsonDocument.Parse(File.ReadAllText(Path.Combine(deployed, "parity.json"))).RootElement;
        Assert.True(parity.GetProperty("holds").GetBoolean());
        // All held-out rows are compared, those of the named set too.
        Assert.Equal(12, parity.GetProperty("pairs").GetInt32());
        Assert.Contains(
            FormattableString.Invariant($"After step {best.Step}"), File.ReadAllText(Path.Combine(deployed, "README.md")),
            StringComparison.Ordinal);
        TinyPipeline.Succeed(
            "export", "--run", run, "--checkpoint", $"step-{best.Step}", "--format", "hf", "--out", folder.File("hf"));

        const string Prompt = "7: apple door?";
        string[] asked = ["--prompt", Prompt, "--max-new-tokens", "12"];
        var words = TinyPipeline.Succeed(["generate", "--run", run, "--checkpoint", "best", .. asked]);
        Assert.Equal(words, TinyPipeline.Succeed(["generate", "--model", deployed, .. asked]));
        Assert.Equal(words, TinyPipeline.Succeed(["generate", "--model", folder.File("hf"), .. asked]));

        // The export is of the best checkpoint, and not of the newest.
        Assert.Contains("export", Shipped.Of(run, "--export", deployed, "--checkpoint", "best").That("passed"));
        Assert.Contains("export", Shipped.Of(run, "--export", deployed).That("blocked"));

        var none = OrtDpoProgram.Run(["export", "--run", run, "--checkpoint", "step-99", "--out", folder.File("none")]);
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("has no checkpoint step-99; it has ", none.Error, StringComparison.Ordinal);
        Assert.Equal(2, OrtDpoProgram.Run(["eval", "--run", run, "--checkpoint", "worst"]).ExitCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_last_answers_of_a_run_are_those_that_generate_gives_of_its_checkpoint(bool isAdapter)
    {
        var (model, run) = (TinyModel.Write(folder.File("model")), folder.File("run"));
        var data = folder.Write("pairs.jsonl", TinyPairs.Lines(24));
        const string Prompt = "7: apple door?";
        var prompts = folder.Write("prompts.jsonl", JsonSerializer.Serialize(new { prompt = Prompt }) + "\n");
        TinyPipeline.Succeed(
            [
                "sft", "--model", model, "--data", Completions(data), "--max-steps", "6", "--eval-steps", "3", "--learning-rate", "2e-2",
                "--sample-prompts", prompts, "--sample-tokens", "10", "--out", run,
                .. isAdapter ? ["--lora-rank", "4"] : Array.Empty<string>(),
            ]);
        var answers = File.ReadAllLines(Path.Combine(run, SamplesFile.FileName)).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal([0, 3, 6], answers.Select(answer => (int)answer["step"]!));
        // It has learned something between the first and the last.
        Assert.NotEqual((string)answers[0]["answer"]!, (string)answers[^1]["answer"]!);
        var said = TinyPipeline.Succeed("generate", "--run", run, "--prompt", Prompt, "--max-new-tokens", "10");
        Assert.Equal(Prompt + (string)answers[^1]["answer"]!, said.TrimEnd('\n'));
    }

    // The chosen ones, to imitate.
    string Completions(string pairs) => folder.Write("sft.jsonl", string.Concat(File.ReadAllLines(pairs).Select(line =>
    {
        var pair = JsonNode.Parse(line)!;
        return JsonSerializer.Serialize(new { prompt = (string)pair["prompt"]!, completion = (string)pair["chosen"]! }) + "\n";
    })));
}
