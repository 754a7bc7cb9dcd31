using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

/// <summary>Exports that compute in 16 bits, from the command line.</summary>
public sealed class ComputeExportTests(TinyPipeline pipeline) : IClassFixture<TinyPipeline>, IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Float16_is_compared_as_it_runs_and_generates()
    {
        var deploy = folder.File("half");
        var printed = TinyPipeline.Succeed("export", "--run", pipeline.Run, "--compute", "float16", "--out", deploy);
        Assert.Contains("weights: float16 (as it computes)", printed, StringComparison.Ordinal);
        Assert.Contains(
            "computes in: float16, its cache and logits too; norms, softmax and sums of layers in float32", printed,
            StringComparison.Ordinal);
        Assert.Contains("(limits 2e-3 and 2e-2)", printed, StringComparison.Ordinal);
        var parity = JsonNode.Parse(File.ReadAllText(Path.Combine(deploy, "parity.json")))!;
        Assert.Equal(("float16", "run"), ((string?)parity["compute"]!["dtype"], (string?)parity["compute"]!["status"]));
        Assert.Equal(2e-2, (double)parity["max_limit"]!);
        TinyPipeline.Succeed("generate", "--model", deploy, "--prompt", "User: ", "--max-new-tokens", "3");
    }

    [Fact]
    public void Bfloat16_says_that_it_was_not_run()
    {
        var deploy = folder.File("brain");
        var printed = TinyPipeline.Succeed("export", "--run", pipeline.Run, "--compute", "bfloat16", "--out", deploy);
        Assert.Contains("\nbfloat16: not run. ONNX Runtime has no processor kernels for bfloat16.", printed, StringComparison.Ordinal);
        Assert.Contains("(limits 1e-5 and 5e-4)", printed, StringComparison.Ordinal);
        var compute = JsonNode.Parse(File.ReadAllText(Path.Combine(deploy, "parity.json")))!["compute"]!;
        Assert.Equal("not run", (string?)compute["status"]);
        Assert.StartsWith("ONNX Runtime has no processor kernels", (string?)compute["reason"], StringComparison.Ordinal);
    }

    [Fact]
    public void Adapters_compute_in_float16_and_not_in_what_cannot_run()
    {
        var run = folder.File("lora");
        TinyPipeline.Succeed(
            "train", "--model", pipeline.Model, "--ref", pipeline.Cache, "--out", run, "--max-steps", "2", "--learning-rate", "1e-2",
            "--lora-rank", "4");
        var deploy = folder.File("adapters");
        var printed = TinyPipeline.Succeed("export", "--run", run, "--adapters", "--compute", "float16", "--out", deploy);
        Assert.Contains("(limits 2e-3 and 2e-2)", printed, StringComparison.Ordinal);
        Assert.Contains("everything is as it was exported", TinyPipeline.Succeed("verify", deploy), StringComparison.Ordinal);
        var refused = OrtDpoProgram.Run(["export", "--run", run, "--adapters", "--compute", "bfloat16", "--out", folder.File("no")]);
        Assert.Equal(
            (1, "--compute is bfloat16, in which no processor runs a model, and adapters (--adapters) are compared with their policies by "
                + "running them. Compute in float16, or export each run merged into its base.\n"),
            (refused.ExitCode, refused.Error));
        Assert.False(Directory.Exists(folder.File("no")));
    }
}
