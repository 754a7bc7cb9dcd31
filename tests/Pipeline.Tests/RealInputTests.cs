using System.IO.Compression;
using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

/// <summary>A model that others trained, and pairs that people wrote.</summary>
public sealed class RealInputTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>The text is what llama2.c, another implementation of this model, is tested to continue greedily.</summary>
    [Fact]
    public void A_model_for_stories_tells_the_story_that_another_implementation_tells()
    {
        var text = TinyPipeline.SucceedProcess("generate", "--model", Model(), "--prompt", "Once upon a time", "--max-new-tokens", "60");
        Assert.StartsWith(
            "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. "
            + "One day, she saw a big, red ball.",
            text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_few_real_pairs_are_accounted_for_and_learned_by_heart()
    {
        var data = folder.File("rows.jsonl");
        using (var all = new StreamReader(new GZipStream(File.OpenRead(HarmlessPairs()), CompressionMode.Decompress)))
        {
            File.WriteAllLines(data, Enumerable.Range(0, 40).Select(_ => all.ReadLine()!));
        }

        AccountsFor(data, rows: 40, maxLength: 192);
        var losses = TrainedLosses(steps: 20);
        AssertClose(Math.Log(2), losses[0], Tolerances.BaseValueOfCache);
        Assert.True(losses[^4..].Average() < losses[0] - 0.05, $"The losses were {string.Join(", ", losses)}.");
    }

    /// <summary>
    /// tests/golden/harmless-steps: losses, norms and held-out figures by PyTorch. Other float32 sums move a loss by 6e-6.
    /// </summary>
    [Fact]
    [Trait("Speed", "long")]
    public void A_hundred_steps_on_all_real_pairs_are_the_steps_that_PyTorch_makes()
    {
        AccountsFor(HarmlessPairs(), rows: 2312, maxLength: 512);
        var losses = TrainedLosses(steps: 100);
        var golden = JsonNode.Parse(File.ReadAllText(Repository.Find("tests", "golden", "harmless-steps", "expected.json")))!;
        double[] Golden(string name) => [.. golden["steps"]!.AsArray().Select(step => (double)step![name]!)];
        Assert.Equal(100, losses.Length);
        AssertClose(Golden("loss"), losses, Tolerances.RealStepLoss);
        AssertClose(0, losses.Zip(Golden("loss"), (ours, theirs) => ours - theirs).Average(), Tolerances.RealStepDrift);
        AssertClose(Golden("grad_norm"), Logged("grad_norm"), relative: Tolerances.RealStepGradNorm);

        var pairs = (int)golden["eval_pairs"]!;
        Assert.Equal(pairs, Logged("eval_pairs")[^1]);
        AssertClose((double)golden["eval_loss"]!, Logged("eval_loss")[^1], Tolerances.RealStepLoss);
        AssertClose((double)golden["eval_rewards/margins"]!, Logged("eval_rewards/margins")[^1], Tolerances.RealStepLoss);
        // A margin that is all but 0 may lie on either side.
        Assert.Equal((double)golden["eval_rewards/accuracies"]!, Logged("eval_rewards/accuracies")[^1], 1.5 / pairs);
    }

    void AccountsFor(string data, int rows, int maxLength)
    {
        TinyPipeline.SucceedProcess(
            "precompute", "--model", Model(), "--data", data, "--max-length", $"{maxLength}", "--eval-fraction", "0.1",
            "--out", folder.File("ref"));
        var ledger = JsonNode.Parse(File.ReadAllText(Path.Combine(folder.File("ref"), "ledger.json")))!;
        var kept = (int)ledger["kept_whole"]! + (int)ledger["kept_truncated"]!;
        Assert.Equal(rows, (int)ledger["input"]!);
        Assert.Equal(rows, kept + (int)ledger["dropped"]!);
        Assert.Equal(kept, (int)ledger["train"]! + (int)ledger["eval"]!);
    }

    double[] TrainedLosses(int steps)
    {
        var run = folder.File("run");
        var output = TinyPipeline.SucceedProcess(
            "train", "--model", Model(), "--ref", folder.File("ref"), "--out", run,
            "--max-steps", $"{steps}", "--learning-rate", "1e-4", "--batch-pairs", "8");
        Assert.Matches(@"step-0 gate: passed on \d+ rows", output);
        Assert.InRange(
            Logged("eval_rewards/accuracies")[^1], Logged("eval_rewards/accuracies_low")[^1], Logged("eval_rewards/accuracies_high")[^1]);
        var again = JsonNode.Parse(TinyPipeline.SucceedProcess("eval", "--run", run, "--json"))!;
        foreach (var name in (string[])["eval_pairs", "eval_loss", "eval_rewards/accuracies",
            "eval_rewards/margins", "eval_preference_accuracy"])
        {
            AssertClose(Logged(name)[^1], (double)again[name]!, Tolerances.Float32, what: name);
        }

        return Logged("loss");
    }

    double[] Logged(string metric) => [.. File.ReadLines(Path.Combine(folder.File("run"), "metrics.jsonl"))
        .Select(line => JsonNode.Parse(line)![metric]).OfType<JsonNode>().Select(value => (double)value)];

    static string Model() => SharedData.Folder("stories260K");

    static string HarmlessPairs() => Path.Combine(SharedData.Folder("hh-rlhf"), "harmless-base-test.jsonl.gz");
}
