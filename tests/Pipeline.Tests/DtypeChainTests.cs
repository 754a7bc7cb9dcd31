using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

/// <summary>A base of 16 bits through the whole chain: each folder says of its weights what they are.</summary>
public sealed class DtypeChainTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("BF16", "bfloat16", 16)]
    [InlineData("F16", "float16", 10)]
    public void An_export_stores_what_its_base_stored_and_computes_in_float32(string dtype, string name, int onnxType)
    {
        var model = TinyModel.Write(folder.File("model"));
        Narrow(Path.Combine(model, "model.safetensors"), dtype);
        var config = File.ReadAllText(Path.Combine(model, "config.json"))
            .Replace("{", $"{{\n  \"torch_dtype\": \"{name}\",", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(model, "config.json"), config);
        foreach (var kept in (string[])["special_tokens_map.json", "LICENSE", Path.Combine("additional_chat_templates", "tool_use.jinja")])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(model, kept))!);
            File.WriteAllText(Path.Combine(model, kept), "{}");
        }

        File.WriteAllText(Path.Combine(model, "README.md"), "# The base");
        var data = folder.Write("pairs.jsonl", TinyPairs.Lines(16));
        var (cache, run, export) = (folder.File("ref"), folder.File("run"), folder.File("export"));
        TinyPipeline.Succeed("precompute", "--model", model, "--data", data, "--out", cache);
        TinyPipeline.Succeed("train", "--model", model, "--ref", cache, "--out", run, "--max-steps", "2", "--learning-rate", "1e-3");
        var printed = TinyPipeline.Succeed("export", "--run", run, "--out", export);
        Assert.Contains($"weights: {name} (as the run's base was stored)", printed, StringComparison.Ordinal);

        var checkpoint = Path.Combine(run, "checkpoints", "step-2");
        Assert.Equal(config.Replace(name, "float32", StringComparison.Ordinal), File.ReadAllText(Path.Combine(checkpoint, "config.json")));
        Assert.Equal(config, File.ReadAllText(Path.Combine(export, "config.json")));
        foreach (var made in (string[])[checkpoint, export])
        {
            Assert.True(File.Exists(Path.Combine(made, "special_tokens_map.json")));
            Assert.True(File.Exists(Path.Combine(made, "LICENSE")));
            Assert.True(File.Exists(Path.Combine(made, "additional_chat_templates", "tool_use.jinja")));
        }

        // The base's card tells of another model; an export has one of its own.
        Assert.False(File.Exists(Path.Combine(checkpoint, "README.md")));
        Assert.DoesNotContain("# The base", File.ReadAllText(Path.Combine(export, "README.md")), StringComparison.Ordinal);

        Assert.Contains("everything is as it was written", TinyPipeline.Succeed("verify", run), StringComparison.Ordinal);

        // Rounding moves log-probabilities; that and not the graph is what parity leaves out.
        var parity = JsonNode.Parse(File.ReadAllText(Path.Combine(export, "parity.json")))!;
        Assert.Equal(name, (string)parity["rounding"]!["dtype"]!);
        Assert.InRange((double)parity["rounding"]!["max_difference"]!, 1e-5, 0.1);
        Assert.InRange((double)parity["mean_difference"]!, 0, 1e-5);

        // Each weight has its own name still.
        Assert.Contains(
            Initializer("model.embed_tokens.weight", onnxType), File.ReadAllText(Path.Combine(export, "model.onnx"), Encoding.Latin1),
            StringComparison.Ordinal);

        // A host answers with it, and with the float32 export of the same run.
        var wide = folder.File("wide");
        printed = TinyPipeline.Succeed("export", "--run", run, "--out", wide, "--dtype", "float32");
        Assert.Contains("weights: float32 (--dtype)", printed, StringComparison.Ordinal);
        // 8,896 weights of two bytes and not of four; a Cast for each of the 20 tensors takes up to 200.
        Assert.InRange(Size(wide) - Size(export), (2 * 8896) - (20 * 200), 2 * 8896);
        Assert.Null(JsonNode.Parse(File.ReadAllText(Path.Combine(wide, "parity.json")))!["rounding"]);
        Assert.Equal(config.Replace(name, "float32", StringComparison.Ordinal), File.ReadAllText(Path.Combine(wide, "config.json")));
        Assert.Equal(Generate(wide), Generate(checkpoint));
        Assert.StartsWith("7: apple door?", Generate(export), StringComparison.Ordinal);
    }

    [Fact]
    public void A_narrow_checkpoint_exports_without_rounding_again()
    {
        var model = TinyModel.Write(folder.File("model"));
        var data = folder.Write("pairs.jsonl", TinyPairs.Lines(16));
        var (cache, run, export) = (folder.File("ref"), folder.File("run"), folder.File("export"));
        TinyPipeline.Succeed("precompute", "--model", model, "--data", data, "--out", cache);
        TinyPipeline.Succeed("train", "--model", model, "--ref", cache, "--out", run, "--max-steps", "2", "--save-dtype", "bfloat16");
        TinyPipeline.Succeed("export", "--run", run, "--out", export, "--dtype", "bfloat16");
        var parity = JsonNode.Parse(File.ReadAllText(Path.Combine(export, "parity.json")))!;
        Assert.Equal(0, (double)parity["rounding"]!["max_difference"]!);
        Assert.Equal(Generate(Path.Combine(run, "checkpoints", "step-2")), Generate(export));
    }

    static long Size(string export) => new FileInfo(Path.Combine(export, "model.onnx")).Length;

    static string Generate(string model) =>
        TinyPipeline.Succeed("generate", "--model", model, "--prompt", "7: apple door?", "--max-new-tokens", "24", "--threads", "1");

    // TensorProto: dims (field 1), data_type (field 2), name (field 8).
    static string Initializer(string name, int type) =>
        $"\u0010{(char)type}B{(char)name.Length}{name}";

    // By truncation: any 16-bit weights will do.
    static void Narrow(string path, string dtype)
    {
        var file = File.ReadAllBytes(path);
        var length = (int)BitConverter.ToInt64(file);
        var header = JsonNode.Parse(Encoding.UTF8.GetString(file, 8, length))!.AsObject();
        var data = new List<byte>();
        foreach (var (_, entry) in header)
        {
            var offsets = entry!["data_offsets"]!;
            var begin = data.Count;
            for (var at = (int)offsets[0]!; at < (int)offsets[1]!; at += 4)
            {
                var value = BitConverter.ToSingle(file, 8 + length + at);
                data.AddRange(dtype == "F16" ? BitConverter.GetBytes((Half)value) : BitConverter.GetBytes(value)[2..]);
            }

            entry["dtype"] = dtype;
            entry["data_offsets"] = JsonSerializer.SerializeToNode(new[] { begin, data.Count });
        }

        var text = Encoding.UTF8.GetBytes(header.ToJsonString());
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)text.Length), .. text, .. data]);
    }
}
