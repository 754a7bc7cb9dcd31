using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

/// <summary>precompute → train → eval → export → generate, each a process, on one tiny model.</summary>
public sealed class WholeChainTests(TinyPipelineOfProcesses made) : IClassFixture<TinyPipelineOfProcesses>, IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_cache_accounts_for_every_row_and_the_gate_passes()
    {
        var ledger = JsonNode.Parse(File.ReadAllText(Path.Combine(made.Cache, "ledger.json")))!;
        Assert.Equal(40, (int)ledger["input"]!);
        Assert.Equal(40, (int)ledger["kept_whole"]!);
        Assert.Equal(40, (int)ledger["train"]! + (int)ledger["eval"]!);

        // All margins are 0 where the policy is the reference, whatever the pairs: each loses ln 2.
        var first = Metrics(made.Run).First(line => line["loss"] is not null);
        AssertClose(Math.Log(2), (double)first["loss"]!, Tolerances.BaseValueOfCache);
        Assert.True((double)Metrics(made.Run).Last(line => line["loss"] is not null)["loss"]! < Math.Log(2));
    }

    [Fact]
    public void Eval_finds_the_numbers_of_the_log()
    {
        var logged = Metrics(made.Run).Last(line => line["eval_loss"] is not null).AsObject();
        var found = JsonNode.Parse(TinyPipeline.SucceedProcess("eval", "--run", made.Run, "--json"))!.AsObject();
        Assert.Equal(logged.Select(number => number.Key), found.Select(number => number.Key));
        Assert.All(logged, number => AssertClose((double)number.Value!, (double)found[number.Key]!, Tolerances.Float32));
    }

    [Fact]
    public void The_exported_model_is_the_policy_in_numbers_and_in_words()
    {
        var deployed = folder.File("deployed");
        TinyPipeline.SucceedProcess("export", "--run", made.Run, "--out", deployed);
        var parity = JsonDocument.Parse(File.ReadAllText(Path.Combine(deployed, "parity.json"))).RootElement;
        Assert.True(parity.GetProperty("holds").GetBoolean());
        Assert.InRange(parity.GetProperty("mean_difference").GetDouble(), 0, Tolerances.ParityMean);
        Assert.InRange(parity.GetProperty("max_difference").GetDouble(), 0, Tolerances.ParityMax);
        Assert.InRange(parity.GetProperty("pairs").GetInt32(), 1, 40);

        const string Prompt = "7: apple door?";
        string Words(string model) =>
            TinyPipeline.SucceedProcess("generate", "--model", model, "--prompt", Prompt, "--max-new-tokens", "24");
        var policy = Words(Path.Combine(made.Run, "checkpoints", "step-4"));
        Assert.StartsWith(Prompt, policy, StringComparison.Ordinal);
        Assert.Equal(policy, Words(deployed));
    }

    [Fact]
    public void Training_needs_the_cache_and_the_policy_and_never_the_reference()
    {
        var reference = TinyModel.Write(folder.File("reference"), seed: 5);
        var policy = TinyModel.Write(folder.File("policy"), seed: 5);
        var cache = folder.File("ref");
        TinyPipeline.SucceedProcess("precompute", "--model", reference, "--data", made.Data, "--out", cache);
        Directory.Delete(reference, recursive: true);

        var output = TinyPipeline.SucceedProcess(
            "train", "--model", policy, "--ref", cache, "--max-steps", "2", "--out", folder.File("run"));
        Assert.Contains("step-0 gate: passed on 32 rows", output, StringComparison.Ordinal);
        TinyPipeline.SucceedProcess("export", "--run", folder.File("run"), "--out", folder.File("deployed"));
    }

    static List<JsonNode> Metrics(string run) =>
        [.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!)];
}
