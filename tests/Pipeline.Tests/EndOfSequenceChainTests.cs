using System.Text.Json;

namespace OrtDpo.Pipeline.Tests;

/// <summary>A model whose generation_config.json names further ids at which it stops, through the whole chain.</summary>
public sealed class EndOfSequenceChainTests : IDisposable
{
    const string Prompt = "7: apple door?";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Checkpoint_and_export_stop_where_the_base_did()
    {
        var model = TinyModel.Write(folder.File("model"));
        var endless = Generate(model);
        // Half of all tokens: the model meets one of them soon.
        var generation = JsonSerializer.Serialize(new { eos_token_id = Enumerable.Range(0, TinyModel.Vocabulary / 2).Select(i => 2 * i) });
        File.WriteAllText(Path.Combine(model, "generation_config.json"), generation);
        var stopped = Generate(model);
        Assert.NotEqual(endless, stopped);
        Assert.StartsWith(stopped.TrimEnd('\n'), endless, StringComparison.Ordinal);

        var data = folder.Write("pairs.jsonl", TinyPairs.Lines(16));
        var (cache, run, export) = (folder.File("ref"), folder.File("run"), folder.File("export"));
        TinyPipeline.Succeed("precompute", "--model", model, "--data", data, "--out", cache);
        TinyPipeline.Succeed(
            "train", "--model", model, "--ref", cache, "--out", run, "--max-steps", "1", "--learning-rate", "1e-12");
        TinyPipeline.Succeed("export", "--run", run, "--out", export);
        foreach (var made in new[] { Path.Combine(run, "checkpoints", "step-1"), export })
        {
            Assert.Equal(generation, File.ReadAllText(Path.Combine(made, "generation_config.json")));
            Assert.Equal(stopped, Generate(made));
        }

        Assert.Contains("end_ids_digest: ", File.ReadAllText(Path.Combine(run, "config.yaml")), StringComparison.Ordinal);
        Assert.Contains("everything is as it was written", TinyPipeline.Succeed("verify", run), StringComparison.Ordinal);

        // The cache's completions are ended by what this model writes on behind.
        File.Delete(Path.Combine(model, "generation_config.json"));
        var refused = OrtDpoProgram.Run("train", "--model", model, "--ref", cache, "--out", folder.File("other"), "--max-steps", "1");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("and this model at the tokenizer's end-of-sequence token alone", refused.Error, StringComparison.Ordinal);
    }

    static string Generate(string model) =>
        TinyPipeline.Succeed("generate", "--model", model, "--prompt", Prompt, "--max-new-tokens", "40", "--threads", "1");
}
