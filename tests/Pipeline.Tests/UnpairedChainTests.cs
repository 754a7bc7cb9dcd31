using System.Text.Json;

namespace OrtDpo.Pipeline.Tests;

/// <summary>Unpaired feedback, and a loss without a reference, through the programs as a user runs them.</summary>
public sealed class UnpairedChainTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public UnpairedChainTests() => TinyModel.Write(Model);

    string Model => folder.File("model");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Feedback_is_scored_verified_trained_on_evaluated_and_exported()
    {
        var data = folder.Write("feedback.jsonl", string.Join('\n', Pairs().SelectMany((pair, i) => new[]
        {
            JsonSerializer.Serialize(new { prompt = pair["prompt"], completion = pair["chosen"], label = true }),
            JsonSerializer.Serialize(new { prompt = pair["prompt"], completion = pair["rejected"], label = false }),
        })));
        var scored = TinyPipeline.Succeed(
            "precompute", "--model", Model, "--data", data, "--eval-fraction", "0.25", "--out", folder.File("ref"));
        Assert.Contains("labels: 24 desirable, 24 undesirable", scored, StringComparison.Ordinal);
        Assert.Contains("scoring: 48 rows in", scored, StringComparison.Ordinal);
        Assert.Contains(
            "everything is as it was written",
            TinyPipeline.Succeed("verify", folder.File("ref"), "--model", Model), StringComparison.Ordinal);

        var trained = TinyPipeline.Succeed(
            "train", "--model", Model, "--ref", folder.File("ref"), "--loss", "kto",
            "--max-steps", "4", "--learning-rate", "1e-2", "--out", folder.File("run"));
        Assert.Contains("; loss 0.500000, its base value;", trained, StringComparison.Ordinal);
        var evaluated = JsonDocument.Parse(TinyPipeline.Succeed("eval", "--run", folder.File("run"), "--json")).RootElement;
        Assert.True(evaluated.GetProperty("eval_kl").GetDouble() >= 0);
        TinyPipeline.Succeed("export", "--run", folder.File("run"), "--out", folder.File("deploy"));
        Assert.True(File.Exists(folder.File("deploy/model.onnx")));

        var reuse = OrtDpoProgram.Run(
            "precompute", "--model", Model, "--data", data, "--reuse", folder.File("ref"), "--out", folder.File("again"));
        Assert.Equal(1, reuse.ExitCode);
        Assert.Contains(
            "holds unpaired feedback, and --reuse takes scores of pairs. Leave --reuse out.", reuse.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("again")));
    }

    [Theory]
    [InlineData(true, "desirable")]
    [InlineData(false, "undesirable")]
    public void Feedback_of_one_label_is_trained_on_only_when_that_is_accepted(bool label, string name)
    {
        var data = folder.Write("feedback.jsonl", string.Join('\n', Pairs().Take(6).Select(
            pair => JsonSerializer.Serialize(new { prompt = pair["prompt"], completion = pair["chosen"], label }))));
        TinyPipeline.Succeed("precompute", "--model", Model, "--data", data, "--out", folder.File("ref"));
        string[] train =
            ["train", "--model", Model, "--ref", folder.File("ref"), "--loss", "kto", "--max-steps", "1", "--out", folder.File("run")];
        var refused = OrtDpoProgram.Run(train);
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Contains($"all 6 rows to train on are {name}, and kto learns from the difference", refused.Error, StringComparison.Ordinal);
        Assert.Contains("or pass --accept-one-label.", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("run")));
        TinyPipeline.Succeed([.. train, "--accept-one-label"]);

        var inert = OrtDpoProgram.Run(
            "train", "--model", Model, "--ref", folder.File("ref"), "--accept-one-label", "--out", folder.File("other"));
        Assert.Equal(2, inert.ExitCode);
        Assert.Contains("--accept-one-label has no effect: sigmoid takes no labels.", inert.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Pairs_train_without_a_reference_and_a_finished_run_is_verified_and_exported()
    {
        var data = folder.Write("pairs.jsonl", string.Join('\n', Pairs().Select(pair => JsonSerializer.Serialize(pair))));
        TinyPipeline.Succeed(
            "train", "--model", Model, "--data", data, "--loss", "orpo",
            "--max-steps", "2", "--eval-fraction", "0.25", "--out", folder.File("run"));
        Assert.Contains("everything is as it was written", TinyPipeline.Succeed("verify", folder.File("run")), StringComparison.Ordinal);
        TinyPipeline.Succeed("export", "--run", folder.File("run"), "--out", folder.File("deploy"));
    }

    static List<Dictionary<string, string>> Pairs() =>
        [.. TinyPairs.Lines(24).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<Dictionary<string, string>>(line)!)];
}
