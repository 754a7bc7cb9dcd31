using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

/// <summary>Exports in few bits, through the whole chain and round it again.</summary>
public sealed class QuantizedExportChainTests : IClassFixture<QuantizedExportChainTests.Run>, IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly Run made;

    public QuantizedExportChainTests(Run made) => this.made = made;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("int8", "int8")]
    [InlineData("int4", "int4")]
    [InlineData("nf4", "nf4")]
    [InlineData("fp16", "float16")]
    public void What_rounding_did_is_told_and_limited(string asked, string name)
    {
        var printed = TinyPipeline.Succeed("export", "--run", made.Path, "--dtype", asked, "--out", folder.File("export"));
        Assert.Contains($"weights: {name} (--dtype)", printed, StringComparison.Ordinal);
        Assert.Equal(
            name != "float16",
            printed.Contains(
                $"weights: {name} (--dtype) in the linear weights of its layers; embedding, head, norms and biases are floats\n",
                StringComparison.Ordinal));
        Assert.Contains("rewards: the chosen completion has a higher reward in ", printed, StringComparison.Ordinal);
        var parity = JsonNode.Parse(File.ReadAllText(Path.Combine(folder.File("export"), "parity.json")))!;
        Assert.Equal(name, (string)parity["rounding"]!["dtype"]!);
        Assert.InRange((double)parity["rounding"]!["mean_difference"]!, 1e-7, (double)parity["rounding"]!["mean_limit"]!);
        Assert.InRange((double)parity["rounding"]!["max_difference"]!, 1e-7, (double)parity["rounding"]!["max_limit"]!);
        // The graph itself is what is stored.
        Assert.InRange((double)parity["mean_difference"]!, 0, 1e-5);
        Assert.Equal(0, (int)parity["greedy"]!["other_tokens"]!);
        Assert.Equal((int)parity["pairs"]!, (int)parity["rewards"]!["pairs"]!);
        Assert.StartsWith(
            "7: apple door?",
            TinyPipeline.Succeed(
                "generate", "--model", folder.File("export"), "--prompt", "7: apple door?", "--max-new-tokens", "8", "--threads", "1"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_int4_export_is_tuned_on_and_comes_out_with_the_same_bytes()
    {
        var (export, cache, run, again) = (folder.File("export"), folder.File("ref"), folder.File("run"), folder.File("again"));
        TinyPipeline.Succeed("export", "--run", made.Path, "--dtype", "int4", "--out", export);
        TinyPipeline.Succeed("precompute", "--model", made.Checkpoint, "--base", export, "--data", made.Data, "--out", cache);
        var printed = TinyPipeline.Succeed(
            "train", "--model", made.Checkpoint, "--base", export, "--ref", cache, "--out", run, "--max-steps", "3", "--learning-rate",
            "5e-2", "--lora-rank", "2");
        Assert.Contains("step-0 gate: passed", printed, StringComparison.Ordinal);
        TinyPipeline.Succeed("export", "--run", run, "--out", again);
        var (first, second) = (
            ExportedParts.Of(Path.Combine(export, "model.onnx")), ExportedParts.Of(Path.Combine(again, "model.onnx")));
        Assert.NotEmpty(first);
        Assert.Equal(first.Keys.Order(), second.Keys.Order());
        Assert.All(first, part => Assert.Equal(part.Value, second[part.Key]));
        Assert.InRange(
            (double)JsonNode.Parse(File.ReadAllText(Path.Combine(again, "parity.json")))!["max_difference"]!, 0, 1e-4);

        // With the adapter inside it is no base for another.
        var refused = OrtDpoProgram.Run(
            ["precompute", "--model", made.Checkpoint, "--base", again, "--data", made.Data, "--out", folder.File("refused")]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("holds an adapter beside its weights", refused.Error, StringComparison.Ordinal);

        // Asked for in numbers, it is merged; as fast int4, it has the same bytes.
        printed = TinyPipeline.Succeed("export", "--run", run, "--dtype", "float32", "--out", folder.File("merged"));
        Assert.Contains("weights: float32 (--dtype)\n", printed, StringComparison.Ordinal);
        Assert.Empty(ExportedParts.Of(Path.Combine(folder.File("merged"), "model.onnx")));
        printed = TinyPipeline.Succeed("export", "--run", run, "--fast-int4", "--out", folder.File("fast"));
        Assert.Contains("weights: fast-int4 (as the run's base was stored)", printed, StringComparison.Ordinal);
        Assert.All(ExportedParts.Of(Path.Combine(folder.File("fast"), "model.onnx")), part => Assert.Equal(first[part.Key], part.Value));
    }

    [Fact]
    public void What_cannot_be_is_refused_and_leaves_nothing()
    {
        Refused("--fast-int4 is for weights in int4, and those of this export are float32. Pass --dtype int4, or leave it out.", 1,
            "--fast-int4");
        Refused("--fast-int4 is for weights in int4, and those of this export are nf4. Pass --dtype int4, or leave it out.", 1,
            "--fast-int4", "--dtype", "nf4");
        Refused("--quantize-head is for weights in int4 or int8, and those of this export are nf4. Pass --dtype int4 or int8, or leave it "
            + "out.", 1, "--quantize-head", "--dtype", "nf4");
        Refused("--dtype is int3; it must be one of float32, bfloat16, float16, int8, int4, nf4", 2, "--dtype", "int3");
        Assert.Empty(Directory.GetDirectories(folder.Path));

        void Refused(string sentence, int code, params string[] options)
        {
            var run = OrtDpoProgram.Run(["export", "--run", made.Path, .. options, "--out", folder.File("export")]);
            Assert.Equal(code, run.ExitCode);
            Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
        }
    }

    /// <summary>A run that trained all weights.</summary>
    public sealed class Run : IDisposable
    {
        readonly TemporaryFolder folder = new();

        public Run()
        {
            var (model, cache) = (folder.File("model"), folder.File("ref"));
            TinyModel.Write(model);
            folder.Write("pairs.jsonl", TinyPairs.Lines(24));
            TinyPipeline.Succeed("precompute", "--model", model, "--data", Data, "--eval-fraction", "0.25", "--out", cache);
            TinyPipeline.Succeed(
                "train", "--model", model, "--ref", cache, "--out", Path, "--max-steps", "3", "--learning-rate", "1e-3");
        }

        public string Data => folder.File("pairs.jsonl");

        public string Path => folder.File("run");

        public string Checkpoint => System.IO.Path.Combine(Path, "checkpoints", "step-3");

        public void Dispose() => folder.Dispose();
    }
}
