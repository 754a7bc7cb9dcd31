using System.Buffers.Binary;
using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

/// <summary>Runs back to Hugging Face's form: what its hosts read, and nothing lost.</summary>
public sealed class HuggingFaceExportTests(TinyPipeline pipeline) : IClassFixture<TinyPipeline>, IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_policy_comes_out_as_its_checkpoint_and_can_be_a_reference_again()
    {
        var (deploy, printed) = Export(pipeline.Run);
        var checkpoint = Directory.GetDirectories(Path.Combine(pipeline.Run, "checkpoints")).Order(StringComparer.Ordinal).Last();
        // The masters are float32 and so is the base: nothing is rounded.
        Assert.Equal(Tensors(Path.Combine(checkpoint, "model.safetensors")), Tensors(Path.Combine(deploy, "model.safetensors")));
        Assert.Equal(
            File.ReadAllText(Path.Combine(checkpoint, "config.json")), File.ReadAllText(Path.Combine(deploy, "config.json")));
        foreach (var name in Directory.GetFiles(pipeline.Model).Select(path => Path.GetFileName(path)!).Where(n => n != "README.md"))
        {
            Assert.True(File.Exists(Path.Combine(deploy, name)), name);
        }

        var parity = JsonNode.Parse(File.ReadAllText(Path.Combine(deploy, "parity.json")))!;
        Assert.Equal(0, (double)parity["max_difference"]!);
        Assert.Contains("everything is as it was exported", TinyPipeline.Succeed("verify", deploy), StringComparison.Ordinal);
        // The identity that a cache of it is made under.
        var digest = (string)JsonNode.Parse(File.ReadAllText(Path.Combine(deploy, "manifest.json")))!["inputs"]!["model_digest"]!;
        Assert.Contains($"digest: {digest}, which was read back", printed, StringComparison.Ordinal);
        TinyPipeline.Succeed("precompute", "--model", deploy, "--data", pipeline.Data, "--out", folder.File("ref"));
        Assert.Contains(
            digest, File.ReadAllText(Directory.GetFiles(folder.File("ref"), "manifest*.json").Single()), StringComparison.Ordinal);
    }

    [Fact]
    public void Sixteen_bits_are_told_and_the_configuration_says_them()
    {
        var (deploy, printed) = Export(pipeline.Run, "--dtype", "bfloat16");
        Assert.Contains("weights: bfloat16 (--dtype), ", printed, StringComparison.Ordinal);
        Assert.Contains("rounding: against the float32 checkpoint ", printed, StringComparison.Ordinal);
        Assert.Equal("bfloat16", (string?)JsonNode.Parse(File.ReadAllText(Path.Combine(deploy, "config.json")))!["torch_dtype"]);
        var exact = Tensors(Path.Combine(Export(pipeline.Run).Deploy, "model.safetensors"));
        foreach (var (name, (dtype, bytes)) in Tensors(Path.Combine(deploy, "model.safetensors")))
        {
            Assert.Equal("BF16", dtype);
            // To the nearest, halves to even: the upper half of the float32 where the lower rounds down.
            var wide = Convert.FromHexString(exact[name].Bytes);
            var narrow = Convert.FromHexString(bytes);
            for (var i = 0; i < narrow.Length / 2; i++)
            {
                var bits = BinaryPrimitives.ReadUInt32LittleEndian(wide.AsSpan(i * 4));
                var expected = (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
                Assert.Equal(expected, BinaryPrimitives.ReadUInt16LittleEndian(narrow.AsSpan(i * 2)));
            }
        }
    }

    [Fact]
    public void An_adapter_is_merged_into_its_base()
    {
        var run = folder.File("lora");
        TinyPipeline.Succeed(
            "train", "--model", pipeline.Model, "--ref", pipeline.Cache, "--out", run, "--max-steps", "2", "--learning-rate", "1e-2",
            "--lora-rank", "4");
        var (deploy, _) = Export(run);
        var merged = folder.File("merged");
        TinyPipeline.Succeed(
            "merge", "--adapter", Directory.GetDirectories(Path.Combine(run, "checkpoints")).Single(), "--out", merged);
        Assert.Equal(Tensors(Path.Combine(merged, "model.safetensors")), Tensors(Path.Combine(deploy, "model.safetensors")));
        Assert.False(File.Exists(Path.Combine(deploy, "adapter_config.json")));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path, "*.tmp"));
    }

    [Fact]
    public void A_run_of_sft_comes_out_too()
    {
        var run = folder.File("sft");
        var rows = folder.Write("rows.jsonl", string.Join('\n', Enumerable.Range(0, 16).Select(
            i => $$"""{"prompt": "{{i}}: apple door?", "completion": " A key is in the window {{i}}."}""")));
        TinyPipeline.Succeed(
            "sft", "--model", pipeline.Model, "--data", rows, "--out", run, "--max-steps", "2", "--learning-rate", "1e-2");
        var (deploy, printed) = Export(run);
        Assert.Contains("parity: mean 0", printed, StringComparison.Ordinal);
        TinyPipeline.Succeed("generate", "--model", deploy, "--prompt", "User: ", "--max-new-tokens", "2");
    }

    [Theory]
    [InlineData("--external-data has no effect with --format hf.", "--external-data")]
    [InlineData("--adapters has no effect with --format hf.", "--adapters")]
    [InlineData("--compute has no effect with --format hf.", "--compute", "float16")]
    [InlineData("--attention has no effect with --format hf.", "--attention", "grouped")]
    [InlineData("--format is gguf; it must be onnx or hf.", "--format", "gguf")]
    public void What_has_no_effect_is_refused(string sentence, params string[] options)
    {
        string[] format = options[0] == "--format" ? [] : ["--format", "hf"];
        var refused = OrtDpoProgram.Run(["export", "--run", pipeline.Run, "--out", folder.File("no"), .. format, .. options]);
        Assert.Equal((2, $"{sentence} See ortdpo export --help.\n"), (refused.ExitCode, refused.Error));
    }

    [Fact]
    public void Four_bits_are_for_merge()
    {
        var refused = OrtDpoProgram.Run(
            ["export", "--run", pipeline.Run, "--out", folder.File("no"), "--format", "hf", "--dtype", "int4"]);
        Assert.Equal(
            (1, "--dtype is int4: with --format hf weights are stored as float32, bfloat16 or float16. merge stores nf4, as bitsandbytes "
                + "saves it (--quantize).\n"),
            (refused.ExitCode, refused.Error));
    }

    (string Deploy, string Printed) Export(string run, params string[] options)
    {
        var deploy = folder.File($"deploy-{string.Concat(options)}");
        return (deploy, TinyPipeline.Succeed(["export", "--run", run, "--format", "hf", "--out", deploy, .. options]));
    }

    // By hand: 8 bytes of length, a header of JSON, the tensors' bytes.
    static SortedDictionary<string, (string Dtype, string Bytes)> Tensors(string path)
    {
        var file = File.ReadAllBytes(path);
        var length = checked((int)BinaryPrimitives.ReadInt64LittleEndian(file));
        var header = JsonNode.Parse(file.AsSpan(8, length))!.AsObject();
        Assert.Equal("pt", (string?)header["__metadata__"]!["format"]);
        var tensors = new SortedDictionary<string, (string, string)>(StringComparer.Ordinal);
        foreach (var (name, entry) in header.Where(entry => entry.Key != "__metadata__"))
        {
            var (from, to) = ((int)entry!["data_offsets"]![0]!, (int)entry["data_offsets"]![1]!);
            tensors.Add(name, ((string)entry["dtype"]!, Convert.ToHexString(file.AsSpan(8 + length + from, to - from))));
        }

        return tensors;
    }
}
