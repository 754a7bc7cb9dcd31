using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

/// <summary>Every family through the programs: precompute, train, eval, export and generate; and supervised tuning before it.</summary>
public sealed class FamilyChainTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("gpt2", "gpt2 of 2 layers, 15664 parameters")]
    [InlineData("qwen2", "qwen2 of 2 layers, 13936 parameters")]
    public void A_family_goes_through_the_whole_chain(string family, string described)
    {
        var model = family == "gpt2" ? TinyFamilies.WriteGpt2(folder.File("model")) : TinyFamilies.WriteQwen2(folder.File("model"));
        var data = folder.Write("pairs.jsonl", TinyPairs.Lines(24));
        var texts = folder.Write("texts.jsonl", TinyPairs.Lines(24).Replace("\"chosen\"", "\"completion\"", StringComparison.Ordinal));
        TinyPipeline.Succeed(
            "sft", "--model", model, "--data", texts, "--max-steps", "2", "--learning-rate", "1e-2", "--out", folder.File("sft"));

        var policy = Path.Combine(folder.File("sft"), "checkpoints", "step-2");
        var cache = folder.File("ref");
        var told = TinyPipeline.Succeed("precompute", "--model", policy, "--data", data, "--eval-fraction", "0.3", "--out", cache);
        Assert.Contains(described, told, StringComparison.Ordinal);

        var run = folder.File("run");
        told = TinyPipeline.Succeed(
            "train", "--model", policy, "--ref", cache, "--max-steps", "4", "--learning-rate", "1e-2", "--out", run);
        Assert.Contains("step-0 gate: passed", told, StringComparison.Ordinal);
        var lines = File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!["loss"]);
        var losses = lines.OfType<JsonNode>().Select(loss => (double)loss).ToList();
        AssertClose(Math.Log(2), losses[0], Tolerances.BaseValueOfCache);
        Assert.True(losses[^1] < losses[0]);
        Assert.Contains("eval_loss", TinyPipeline.Succeed("eval", "--run", run, "--json"), StringComparison.Ordinal);

        var deployed = folder.File("deployed");
        TinyPipeline.Succeed("export", "--run", run, "--out", deployed);
        Assert.True(
            JsonDocument.Parse(File.ReadAllText(Path.Combine(deployed, "parity.json"))).RootElement.GetProperty("holds").GetBoolean());
        var words = Words(Path.Combine(run, "checkpoints", "step-4"));
        Assert.Equal(words, Words(deployed));

        var grouped = folder.File("grouped");
        string[] export = ["export", "--run", run, "--out", grouped, "--attention", "grouped", "--external-data"];
        if (family == "qwen2")
        {
            // Heads of 4 features.
            var refused = OrtDpoProgram.Run(export);
            Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
            Assert.StartsWith(
                "--attention is grouped, which takes heads of a multiple of 8 features;", refused.Error, StringComparison.Ordinal);
            return;
        }

        told = TinyPipeline.Succeed(export);
        Assert.Contains("cache: decoding with it makes the tokens that running all at once makes", told, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(grouped, "model.onnx.data")));
        Assert.Equal(words, Words(grouped));
    }

    [Fact]
    public void The_rotary_factors_of_a_run_are_those_of_its_max_length_in_every_verb()
    {
        var model = TinyFamilies.WritePhi3(folder.File("model"));
        var data = folder.Write("pairs.jsonl", TinyPairs.Lines(24));
        string[] bounds = ["64", "65"];
        var digests = bounds.Select(bound =>
        {
            var cache = folder.File("ref" + bound);
            TinyPipeline.Succeed(
                "precompute", "--model", model, "--data", data, "--eval-fraction", "0.3", "--max-length", bound, "--out", cache);
            var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(cache, "manifest-1of1.json")))!;
            return (string)manifest["identity"]!["reference_digest"]!;
        });
        Assert.Distinct(digests);

        var shorter = folder.File("ref64");
        Assert.Contains("everything", TinyPipeline.Succeed("verify", shorter, "--model", model), StringComparison.OrdinalIgnoreCase);
        var run = folder.File("run");
        var told = TinyPipeline.Succeed(
            "train", "--model", model, "--ref", shorter, "--max-steps", "2", "--learning-rate", "1e-2", "--out", run);
        Assert.Contains("step-0 gate: passed", told, StringComparison.Ordinal);
        EvalFindsTheLossOfTheLog(run);
        TinyPipeline.Succeed("export", "--run", run, "--out", folder.File("deployed"));
        // 14 tokens and 24: the checkpoint takes the short factors, as the exported graph has them.
        Assert.Equal(Words(Path.Combine(run, "checkpoints", "step-2")), Words(folder.File("deployed")));

        var texts = folder.Write("texts.jsonl", TinyPairs.Lines(24).Replace("\"chosen\"", "\"completion\"", StringComparison.Ordinal));
        var tuned = folder.File("sft");
        TinyPipeline.Succeed(
            "sft", "--model", model, "--data", texts, "--eval-fraction", "0.3", "--max-length", "64", "--max-steps", "2",
            "--learning-rate", "1e-2", "--out", tuned);
        EvalFindsTheLossOfTheLog(tuned);
    }

    static void EvalFindsTheLossOfTheLog(string run)
    {
        var logged = File.ReadLines(Path.Combine(run, "metrics.jsonl"))
            .Select(line => JsonNode.Parse(line)!["eval_loss"]).OfType<JsonNode>();
        var found = JsonNode.Parse(TinyPipeline.Succeed("eval", "--run", run, "--json"))!["eval_loss"]!;
        AssertClose((double)logged.Last(), (double)found, Tolerances.Float32);
    }

    static string Words(string model) =>
        TinyPipeline.Succeed("generate", "--model", model, "--prompt", "7: apple door?", "--max-new-tokens", "24");
}
