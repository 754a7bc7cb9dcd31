using System.IO.Compression;
using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

/// <summary>A model that others trained, and pairs that people wrote.</summary>
public sealed class RealInputTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>The text is what llama2.c, another implementation of this model, is tested to continue greedily.</summary>
    [SkippableFact]
    public void A_model_for_stories_tells_the_story_that_another_implementation_tells()
    {
        string text = TinyPipeline.Succeed("generate", "--model", SharedData.Folder("stories260K"), "--prompt", "Once upon a time", "--max-new-tokens", "60");
        Assert.StartsWith(
            "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, red ball.",
            text, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_few_real_pairs_are_accounted_for_and_learned_by_heart()
    {
        string model = SharedData.Folder("stories260K");
        string data = folder.File("rows.jsonl");
        using (var all = new StreamReader(new GZipStream(File.OpenRead(HarmlessPairs()), CompressionMode.Decompress)))
        {
            File.WriteAllLines(data, Enumerable.Range(0, 40).Select(_ => all.ReadLine()!));
        }

        LearnsAndAccounts(model, data, rows: 40, maxLength: 192, steps: 20, fall: 0.05);
    }

    [SkippableFact]
    [Trait("Speed", "long")]
    public void All_real_pairs_are_accounted_for_and_a_hundred_steps_learn_from_them() =>
        LearnsAndAccounts(SharedData.Folder("stories260K"), HarmlessPairs(), rows: 2312, maxLength: 512, steps: 100, fall: 0.05);

    void LearnsAndAccounts(string model, string data, int rows, int maxLength, int steps, double fall)
    {
        string cache = folder.File("ref");
        TinyPipeline.Succeed("precompute", "--model", model, "--data", data, "--max-length", $"{maxLength}", "--eval-fraction", "0.1", "--out", cache);
        JsonNode ledger = JsonNode.Parse(File.ReadAllText(Path.Combine(cache, "ledger.json")))!;
        int kept = (int)ledger["kept_whole"]! + (int)ledger["kept_truncated"]!;
        Assert.Equal(rows, (int)ledger["input"]!);
        Assert.Equal(rows, kept + (int)ledger["dropped"]!);
        Assert.Equal(kept, (int)ledger["train"]! + (int)ledger["eval"]!);

        string run = folder.File("run");
        string output = TinyPipeline.Succeed(
            "train", "--model", model, "--ref", cache, "--out", run, "--max-steps", $"{steps}", "--learning-rate", "1e-4", "--batch-pairs", "8");
        Assert.Matches(@"step-0 gate: passed on \d+ pairs", output);
        List<JsonNode> metrics = [.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!)];
        double[] losses = [.. metrics.Where(line => line["loss"] is not null).Select(line => (double)line["loss"]!)];
        Assert.Equal(steps, losses.Length);
        Assert.Equal(Math.Log(2), losses[0], 1e-4);
        Assert.True(losses[0] - losses[^(steps / 5)..].Average() >= fall, $"The losses were {string.Join(", ", losses)}.");

        JsonNode logged = metrics.Last(line => line["eval_loss"] is not null);
        Assert.Equal((int)ledger["eval"]!, (int)logged["eval_pairs"]!);
        Assert.InRange((double)logged["eval_rewards/accuracies"]!, (double)logged["eval_rewards/accuracies_low"]!, (double)logged["eval_rewards/accuracies_high"]!);
        JsonNode found = JsonNode.Parse(TinyPipeline.Succeed("eval", "--run", run, "--json"))!;
        foreach (string name in (string[])["step", "eval_loss", "eval_rewards/accuracies", "eval_rewards/margins", "eval_preference_accuracy"])
        {
            Assert.Equal((double)logged[name]!, (double)found[name]!, 1e-6);
        }
    }

    static string HarmlessPairs() => Path.Combine(SharedData.Folder("hh-rlhf"), "harmless-base-test.jsonl.gz");
}
