using System.Text.Json.Nodes;
using OrtDpo.Runtime.Generation;

namespace OrtDpo.Pipeline.Tests;

/// <summary>Runs over one base, exported as adapters of it, and hosted.</summary>
[Trait("Speed", "native")]
public sealed class AdapterExportTests : IClassFixture<AdapterExportTests.Runs>
{
    static readonly long[] Ids = [1, 5, 9, 2, 30, 7, 8, 3];

    readonly Runs runs;

    public AdapterExportTests(Runs runs) => this.runs = runs;

    [Fact]
    public void Each_adapter_on_the_base_is_the_export_that_it_is_merged_into()
    {
        using var hosted = new OnnxLogits(runs.File("deploy", "model.onnx"));
        var texts = new List<string>();
        foreach (var run in (string[])["small", "wide"])
        {
            var merged = runs.Folder.File($"{run}-merged");
            TinyPipeline.Succeed("export", "--run", runs.Folder.File(run), "--out", merged);
            using var alone = new OnnxLogits(Path.Combine(merged, "model.onnx"));
            hosted.Use(runs.File("deploy", "adapters", $"{run}.onnx_adapter"));
            AssertClose(alone.All(Ids), hosted.All(Ids), 1e-4);
            var text = string.Join(' ', GreedyDecoding.Continue([1, 5, 9], 24, [], hosted.Next));
            Assert.Equal(string.Join(' ', GreedyDecoding.Continue([1, 5, 9], 24, [], alone.Next)), text);
            texts.Add(text);
        }

        hosted.Use(null);
        texts.Add(string.Join(' ', GreedyDecoding.Continue([1, 5, 9], 24, [], hosted.Next)));
        Assert.Equal(3, texts.Distinct().Count());
    }

    [Fact]
    public void A_text_is_generated_with_an_adapter_by_its_name_or_its_file()
    {
        var merged = runs.Folder.File("wide-merged-text");
        TinyPipeline.Succeed("export", "--run", runs.Folder.File("wide"), "--out", merged);
        var alone = Text("--model", merged);
        Assert.Equal(alone, Text("--model", runs.File("deploy"), "--adapter", "wide"));
        Assert.Equal(alone, Text("--model", runs.File("deploy"), "--adapter", runs.File("deploy", "adapters", "wide.onnx_adapter")));
        Assert.Equal(alone, Text("--run", runs.Folder.File("wide")));
        Assert.NotEqual(alone, Text("--model", runs.File("deploy")));

        // Names and sizes are those of this base, too.
        var foreign = runs.File("elsewhere", "adapters", "foreign.onnx_adapter");
        var refused = OrtDpoProgram.Run("generate", "--model", runs.File("deploy"), "--adapter", foreign, "--prompt", "A");
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.StartsWith($"{foreign} is of another base: it was trained on ", refused.Error, StringComparison.Ordinal);

        static string Text(params string[] of) =>
            TinyPipeline.Succeed(["generate", .. of, "--prompt", "7: apple door?", "--max-new-tokens", "16"]);
    }

    [Fact]
    public void What_was_made_of_what_stands_beside_each_adapter()
    {
        Assert.Equal(
            ["small.onnx_adapter", "small.onnx_adapter.json", "wide.onnx_adapter", "wide.onnx_adapter.json"],
            Directory.GetFiles(runs.File("deploy", "adapters")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var origin = JsonNode.Parse(File.ReadAllText(runs.File("deploy", "adapters", "wide.onnx_adapter.json")))!;
        var config = File.ReadAllText(Path.Combine(runs.Folder.File("wide"), "config.yaml"));
        Assert.Contains((string)origin["base_digest"]!, config, StringComparison.Ordinal);
        Assert.Equal(("float32", 6), ((string)origin["dtype"]!, (int)origin["lora"]!["r"]!));
        Assert.True((double)origin["parity"]!["max_difference"]! < 5e-4);
    }

    [Theory]
    [InlineData("float16")]
    [InlineData("bfloat16")]
    public void In_16_bits_parity_is_with_what_is_stored(string dtype)
    {
        var output = runs.Folder.File(dtype);
        var printed = TinyPipeline.Succeed(
            "export", "--run", runs.Folder.File("small"), "--adapters", "--dtype", dtype, "--out", output);
        Assert.Contains($"weights and adapters: {dtype} (--dtype)", printed, StringComparison.Ordinal);
        Assert.Contains("rounding: against the adapter as it was trained it moved ", printed, StringComparison.Ordinal);
        Assert.Contains("everything is as it was exported", TinyPipeline.Succeed("verify", output), StringComparison.Ordinal);
    }

    [Fact]
    public void A_base_in_4_bits_comes_out_with_its_very_bytes()
    {
        var (model, cache, run, output) = (
            runs.Folder.File("model"), runs.Folder.File("nf4-ref"), runs.Folder.File("nf4"), runs.Folder.File("nf4-deploy"));
        TinyPipeline.Succeed(
            "precompute", "--model", model, "--base", "nf4", "--data", runs.Folder.File("pairs.jsonl"), "--eval-fraction", "0.25",
            "--out", cache);
        TinyPipeline.Succeed(
            "train", "--model", model, "--base", "nf4", "--ref", cache, "--out", run, "--max-steps", "4", "--learning-rate", "5e-2",
            "--lora-rank", "2");
        var printed = TinyPipeline.Succeed("export", "--run", run, "--adapters", "--out", output);
        Assert.Contains(
            "weights: nf4 (as the base was stored) in the linear weights of its layers; embedding, head, norms and biases are floats; "
            + "adapters: float32\n",
            printed, StringComparison.Ordinal);
        Assert.Contains("everything is as it was exported", TinyPipeline.Succeed("verify", output), StringComparison.Ordinal);
        TinyPipeline.Succeed("export", "--run", run, "--out", runs.Folder.File("nf4-alone"));
        using var hosted = new OnnxLogits(Path.Combine(output, "model.onnx"));
        using var alone = new OnnxLogits(Path.Combine(runs.Folder.File("nf4-alone"), "model.onnx"));
        hosted.Use(Path.Combine(output, "adapters", "nf4.onnx_adapter"));
        AssertClose(alone.All(Ids), hosted.All(Ids), 1e-4);
        var parts = ExportedParts.Of(Path.Combine(runs.Folder.File("nf4-alone"), "model.onnx"));
        Assert.Equal(2 * 14, parts.Count);
        Assert.All(
            ExportedParts.Of(Path.Combine(output, "model.onnx")), part => Assert.Equal(parts[part.Key], part.Value));
        var origin = JsonNode.Parse(File.ReadAllText(Path.Combine(output, "adapters", "nf4.onnx_adapter.json")))!;
        Assert.InRange((double)origin["parity"]!["max_difference"]!, 0, 1e-4);
        Assert.Equal(1e-4, (double)origin["parity"]!["max_limit"]!);

        // The same base held otherwise is another one.
        var refused = OrtDpoProgram.Run(
            ["export", "--run", runs.Folder.File("small"), "--run", run, "--adapters", "--out", runs.Folder.File("mixed")]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(" was trained on another base than ", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_base_is_quantised_beneath_adapters_where_that_is_asked_for()
    {
        var output = runs.Folder.File("int4-deploy");
        var printed = TinyPipeline.Succeed(
            "export", "--run", runs.Folder.File("small"), "--adapters", "--dtype", "int4", "--out", output);
        Assert.Contains("weights: int4 (--dtype) in the linear weights of its layers;", printed, StringComparison.Ordinal);
        Assert.Contains("rounding: against the adapter as it was trained it moved ", printed, StringComparison.Ordinal);
        using var hosted = new OnnxLogits(Path.Combine(output, "model.onnx"));
        var bare = hosted.All(Ids);
        hosted.Use(Path.Combine(output, "adapters", "small.onnx_adapter"));
        Assert.NotEqual(bare, hosted.All(Ids));
    }

    [Fact]
    public void Verify_finds_an_adapter_of_another_base_and_one_that_changed()
    {
        var deploy = runs.File("deploy");
        Assert.Contains("adapters: 2 of this base", TinyPipeline.Succeed("verify", deploy), StringComparison.Ordinal);
        var copy = runs.Folder.File("copy");
        Copy(deploy, copy);
        foreach (var file in (string[])["foreign.onnx_adapter", "foreign.onnx_adapter.json"])
        {
            File.Copy(runs.File("elsewhere", "adapters", file), Path.Combine(copy, "adapters", file));
        }

        var bytes = File.ReadAllBytes(Path.Combine(copy, "adapters", "small.onnx_adapter"));
        bytes[^1] ^= 1;
        File.WriteAllBytes(Path.Combine(copy, "adapters", "small.onnx_adapter"), bytes);
        var run = OrtDpoProgram.Run(["verify", copy]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("foreign.onnx_adapter is of another base: it was trained on ", run.Output, StringComparison.Ordinal);
        Assert.Contains("small.onnx_adapter is damaged or was changed: its SHA-256 is ", run.Output, StringComparison.Ordinal);
        Assert.Contains("(2 faults in all.)", run.Error, StringComparison.Ordinal);
        Assert.False((bool)JsonNode.Parse(OrtDpoProgram.Run(["verify", copy, "--json"]).Output)!["ok"]!);
    }

    [Fact]
    public void What_cannot_be_an_adapter_is_refused_and_leaves_nothing()
    {
        var (one, output) = (runs.Folder.File("small"), runs.Folder.File("refused"));
        Refused(
            $"{runs.Folder.File("foreign")} was trained on another base than {one}: the digests are ",
            1, "--run", one, "--run", runs.Folder.File("foreign"), "--adapters");
        Refused(
            $"{runs.Folder.File("full")} trained the model's own weights, and has no adapter. Export it without --adapters.",
            1, "--run", runs.Folder.File("full"), "--adapters");
        Refused(
            $"{one} and {one}/ are both called 'small', and adapters are called as their runs' folders. Rename one.",
            1, "--run", one, "--run", one + "/", "--adapters");
        Refused("saves 'model.norm.weight' whole (--modules-to-save), and a host's adapter is low-rank terms alone. ",
            1, "--run", runs.Folder.File("saved"), "--adapters");
        Refused(
            "--run is given 2 times; without --adapters it can be given once.",
            2, "--run", one, "--run", runs.Folder.File("wide"));
        Assert.False(Path.Exists(output) || Path.Exists(output + ".ortdpo.tmp"));

        void Refused(string sentence, int code, params string[] arguments)
        {
            var run = OrtDpoProgram.Run(["export", .. arguments, "--out", output]);
            Assert.Equal(code, run.ExitCode);
            Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
        }
    }

    static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var path = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(file, path);
        }
    }

    /// <summary>Two adapters over one base and their export; one over another, one that trains all, one that saves a norm.</summary>
    public sealed class Runs : IDisposable
    {
        public Runs()
        {
            Folder = new TemporaryFolder();
            var (model, other, data) = (Folder.File("model"), Folder.File("other"), Folder.Write("pairs.jsonl", TinyPairs.Lines(24)));
            TinyModel.Write(model);
            TinyModel.Write(other, seed: 2);
            foreach (var (of, cache) in new[] { (model, "ref"), (other, "other-ref") })
            {
                TinyPipeline.Succeed("precompute", "--model", of, "--data", data, "--eval-fraction", "0.25", "--out", Folder.File(cache));
            }

            Train("small", model, "ref", "--lora-rank", "2", "--target-modules", "q_proj,down_proj");
            Train("wide", model, "ref", "--lora-rank", "6", "--rslora", "--rank-pattern", "q_proj=3", "--seed", "7");
            Train("foreign", other, "other-ref", "--lora-rank", "2");
            Train("saved", model, "ref", "--lora-rank", "2", "--modules-to-save", "model.norm");
            Train("full", model, "ref");
            TinyPipeline.Succeed(
                "export", "--run", Folder.File("small"), "--run", Folder.File("wide"), "--adapters", "--out", Folder.File("deploy"));
            TinyPipeline.Succeed("export", "--run", Folder.File("foreign"), "--adapters", "--out", Folder.File("elsewhere"));
        }

        internal TemporaryFolder Folder { get; }

        public string File(params string[] path) => Path.Combine([Folder.Path, .. path]);

        public void Dispose() => Folder.Dispose();

        void Train(string name, string model, string cache, params string[] options) => TinyPipeline.Succeed(
            ["train", "--model", model, "--ref", Folder.File(cache), "--out", Folder.File(name), "--max-steps", "4", "--learning-rate",
                "5e-2", .. options]);
    }
}
