using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

/// <summary>
/// precompute → train → eval → export → generate on models of PyTorch's ONNX exporter: a folder of model.onnx and a tokenizer, without
/// config.json.
/// </summary>
public sealed class ForeignChainTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("chain-gpt2-opset16", "'onnx::MatMul_645' holds the numbers of 'wte.weight', and trains as one with it")]
    [InlineData("chain-llama-opset15-pasts", "the last matrix product is with 'onnx::MatMul_804', and runs on completion positions only")]
    public void A_model_of_another_tool_goes_the_whole_way(string name, string note)
    {
        var model = Model(name);
        folder.Write("pairs.jsonl", TinyPairs.Lines(24));
        var (cache, run) = (folder.File("ref"), folder.File("run"));
        string[] data = ["--data", folder.File("pairs.jsonl")];
        var scored = TinyPipeline.Succeed(["precompute", "--model", model, .. data, "--eval-fraction", "0.25", "--out", cache]);
        Assert.Contains("reference: " + model + ", onnx, ", scored, StringComparison.Ordinal);
        Assert.Contains(note, scored, StringComparison.Ordinal);

        string[] train = ["train", "--model", model, "--ref", cache, "--save-steps", "2", "--learning-rate", "1e-2", "--max-steps", "4"];
        var told = TinyPipeline.Succeed([.. train, "--out", run]);
        Assert.Contains("step-0 gate: passed", told, StringComparison.Ordinal);
        Assert.Contains(note, told, StringComparison.Ordinal);
        var metrics = File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!["loss"]);
        var losses = metrics.Where(loss => loss is not null).ToList();
        AssertClose(Math.Log(2), (double)losses[0]!, Tolerances.BaseValueOfCache);
        Assert.True((double)losses[^1]! < Math.Log(2));

        // The checkpoint is a model folder of its own: the same graph, its parameters in model.safetensors.
        var checkpoint = Path.Combine(run, "checkpoints", "step-4");
        Assert.True(File.Exists(Path.Combine(checkpoint, "model.onnx")));
        Assert.True(File.Exists(Path.Combine(checkpoint, "model.safetensors")));
        TinyPipeline.Succeed("eval", "--run", run);

        var deployed = folder.File("deployed");
        TinyPipeline.Succeed("export", "--run", run, "--out", deployed);
        Assert.True((bool)JsonNode.Parse(File.ReadAllText(Path.Combine(deployed, "parity.json")))!["holds"]!);
        var words = Words(checkpoint);
        Assert.Equal(words, Words(deployed));

        // Trained further from the export, and from the checkpoint: the same model.
        Assert.Equal(Digest(checkpoint), Digest(deployed));

        string Digest(string trained)
        {
            var again = folder.File("again-" + Path.GetFileName(trained));
            return TinyPipeline.Succeed(["precompute", "--model", trained, .. data, "--out", again]).Split("digest ")[1].Split('\n')[0];
        }
    }

    [Fact]
    public void A_model_whose_initializers_are_named_as_modules_has_adapters()
    {
        var (model, adapter, merged) = (Model("chain-gpt2-opset16"), folder.File("run/checkpoints/step-3"), folder.File("merged"));
        folder.Write("pairs.jsonl", TinyPairs.Lines(24));
        TinyPipeline.Succeed("precompute", "--model", model, "--data", folder.File("pairs.jsonl"), "--out", folder.File("ref"));
        var told = TinyPipeline.Succeed(
            "train", "--model", model, "--ref", folder.File("ref"), "--out", folder.File("run"), "--max-steps", "3",
            "--learning-rate", "1e-2", "--lora-rank", "4");
        Assert.Contains("adapter: LoRA, rank 4, scale 2, on 8 modules", told, StringComparison.Ordinal);
        Assert.Contains("step-0 gate: passed", told, StringComparison.Ordinal);
        TinyPipeline.Succeed("merge", "--adapter", adapter, "--out", merged);
        Assert.True(File.Exists(Path.Combine(merged, "model.onnx")));
        Assert.Equal(Words(adapter), Words(merged));
    }

    [Fact]
    public void Initializers_that_an_exporter_renamed_are_no_modules_to_adapt()
    {
        var model = Model("chain-llama-opset15-pasts");
        folder.Write("pairs.jsonl", TinyPairs.Lines(24));
        TinyPipeline.Succeed("precompute", "--model", model, "--data", folder.File("pairs.jsonl"), "--out", folder.File("ref"));
        var run = OrtDpoProgram.Run(
            "train", "--model", model, "--ref", folder.File("ref"), "--out", folder.File("run"), "--max-steps", "3", "--lora-rank", "4");
        Assert.Equal(
            (1, $"{model}: the names of its weights are no module paths, such as 'model.layers.0.mlp.up_proj.weight', and adapters name "
                + "modules. The first is 'embed_tokens.weight'. Export the model with its modules' names, or train it whole.\n"),
            (run.ExitCode, run.Error));
    }

    [Fact]
    public void A_model_of_another_tool_imitates_completions_and_is_exported()
    {
        var model = Model("chain-llama-opset15-pasts");
        var rows = Enumerable.Range(0, 8).Select(i => $$"""{"prompt": "{{i}}: apple door?", "completion": " yes"}""");
        var data = folder.Write("completions.jsonl", string.Join('\n', rows));
        var run = folder.File("run");
        TinyPipeline.Succeed("sft", "--model", model, "--data", data, "--learning-rate", "1e-2", "--max-steps", "24", "--out", run);
        var losses = File.ReadLines(Path.Combine(run, "metrics.jsonl"))
            .Select(line => JsonNode.Parse(line)!["loss"]).OfType<JsonNode>().ToList();
        Assert.Equal(24, losses.Count);
        Assert.True((double)losses[^1] < (double)losses[0] / 2, $"{losses[0]} to {losses[^1]}");

        TinyPipeline.Succeed("export", "--run", run, "--out", folder.File("deployed"));
        var text = TinyPipeline.Succeed(
            "generate", "--model", folder.File("deployed"), "--prompt", "3: apple door?", "--max-new-tokens", "4");
        Assert.StartsWith(" yes", text["3: apple door?".Length..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chain-gpt2-opset16", "float16")]
    [InlineData("chain-llama-opset15-pasts", "bfloat16")]
    public void Its_export_stores_16_bits_where_that_is_asked_for_and_its_checkpoints_stay_float32(string name, string dtype)
    {
        var model = Model(name);
        var data = folder.Write("completions.jsonl", """{"prompt": "apple door?", "completion": " yes"}""");
        string[] sft = ["sft", "--model", model, "--data", data, "--max-steps", "1", "--out", folder.File("run")];
        var refused = OrtDpoProgram.Run([.. sft, "--save-dtype", dtype]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(
            $"is an ONNX model, whose checkpoints are saved in float32, and --save-dtype is {dtype}.", refused.Error,
            StringComparison.Ordinal);

        TinyPipeline.Succeed(sft);
        foreach (var type in (string[])["float32", dtype])
        {
            TinyPipeline.Succeed("export", "--run", folder.File("run"), "--out", folder.File(type), "--dtype", type);
        }

        var (narrow, wide) = (new FileInfo(folder.File($"{dtype}/model.onnx")), new FileInfo(folder.File("float32/model.onnx")));
        Assert.InRange(narrow.Length, 1, wide.Length * 9 / 10);
        Assert.NotEmpty(Words(folder.File(dtype)));
    }

    [Fact]
    public void A_model_that_is_not_read_is_refused_in_a_sentence()
    {
        var model = Model("chain-llama-opset15-pasts");
        File.WriteAllBytes(Path.Combine(model, "model.onnx"), [8, 8, 58, 0]);
        folder.Write("pairs.jsonl", TinyPairs.Lines(4));
        var run = OrtDpoProgram.Run("precompute", "--model", model, "--data", folder.File("pairs.jsonl"), "--out", folder.File("ref"));
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("model.onnx is not an ONNX model: it has no graph or names no operator set.", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("ref")));
    }

    static string Words(string model) =>
        TinyPipeline.Succeed("generate", "--model", model, "--prompt", "7: apple door?", "--max-new-tokens", "12");

    string Model(string name)
    {
        var model = folder.File(name);
        Directory.CreateDirectory(model);
        File.Copy(Repository.Find("tests", "golden", "foreign-onnx", name, "model.onnx"), Path.Combine(model, "model.onnx"));
        File.Copy(Repository.Find("tests", "golden", "text", "tiny", "trained.json"), Path.Combine(model, "tokenizer.json"));
        File.WriteAllText(Path.Combine(model, "tokenizer_config.json"), """{"eos_token":"<|endoftext|>"}""");
        return model;
    }
}
