using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

/// <summary>A base in 4 bits through the whole chain: the cache, adapters, what is made of them, and who may meet whom.</summary>
public sealed class QuantizedChainTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    string Model => folder.File("model");

    string Data => folder.File("pairs.jsonl");

    public QuantizedChainTests()
    {
        TinyModel.Write(Model);
        folder.Write("pairs.jsonl", TinyPairs.Lines(24));
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("nf4", "format=nf4 block=64")]
    [InlineData("int4", "format=int4_nearer block=32")]
    [InlineData("int4-128", "format=int4_nearer block=128")]
    public void From_a_kept_base_to_an_export(string form, string described)
    {
        var before = File.ReadAllBytes(Path.Combine(Model, "model.safetensors"));
        var (cache, run, kept, exported, merged) = (
            folder.File("ref"), folder.File("run"), folder.File("kept"), folder.File("export"), folder.File("merged"));
        var printed = TinyPipeline.Succeed(
            "precompute", "--model", Model, "--data", Data, "--eval-fraction", "0.25", "--out", cache, "--base", form, "--keep-base");
        Assert.Contains($"model: 14 linear weights of its layers are held in 4 bits: {described} ", printed, StringComparison.Ordinal);
        var file = Directory.GetFiles(cache, "base-*.safetensors").Single();
        Assert.StartsWith($"base-{form}-", Path.GetFileName(file), StringComparison.Ordinal);
        Assert.Contains($"--base {file}", printed, StringComparison.Ordinal);

        printed = Train(run, cache, "--base", form, "--lora-rank", "4");
        Assert.Contains("step-0 gate: passed", printed, StringComparison.Ordinal);
        Assert.Contains("loss 0.693147, its base value", printed, StringComparison.Ordinal);

        // What was kept is what would be quantised again.
        Train(kept, cache, "--base", file, "--lora-rank", "4");
        var checkpoint = Path.Combine(run, "checkpoints", "step-3");
        Assert.All(
            (string[])["adapter_model.safetensors", "optimizer.safetensors", "ortdpo_base.json"],
            name => Assert.Equal(
                File.ReadAllBytes(Path.Combine(checkpoint, name)),
                File.ReadAllBytes(Path.Combine(kept, "checkpoints", "step-3", name))));
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(Model, "model.safetensors")));

        TinyPipeline.Succeed("eval", "--run", run, "--json");
        Assert.Contains("everything is as it was written", TinyPipeline.Succeed("verify", run), StringComparison.Ordinal);
        Assert.Contains(
            "everything is as it was written", TinyPipeline.Succeed("verify", cache, "--model", Model, "--base", form),
            StringComparison.Ordinal);
        Assert.Contains(
            "parity: mean ", TinyPipeline.Succeed("merge", "--adapter", checkpoint, "--base", form, "--out", merged),
            StringComparison.Ordinal);
        printed = TinyPipeline.Succeed("export", "--run", run, "--out", exported);
        Assert.Contains("parity: mean ", printed, StringComparison.Ordinal);
        Assert.Contains(
            $"weights: {form.Split('-')[0]} (as the run's base was stored) in the linear weights of its layers;", printed,
            StringComparison.Ordinal);
        ExportedParts.AssertKept(file, Path.Combine(exported, "model.onnx"), weights: 14);
        var answers = ((string[][])
            [
                ["--model", merged], ["--model", exported], ["--model", checkpoint, "--base", form],
                ["--model", checkpoint, "--base", file], ["--run", run],
            ])
            .Select(of => TinyPipeline.Succeed(
                ["generate", .. of, "--prompt", "7: apple door?", "--max-new-tokens", "16", "--threads", "1"]));
        Assert.Single(answers.Distinct());
    }

    [Fact]
    public void A_merged_model_is_quantised_again_on_request()
    {
        var (cache, run, merged, bare, second) = (
            folder.File("ref"), folder.File("run"), folder.File("merged"), folder.File("bare"), folder.File("second"));
        TinyPipeline.Succeed("precompute", "--model", Model, "--data", Data, "--out", cache, "--base", "nf4");
        Train(run, cache, "--base", "nf4", "--lora-rank", "2", "--target-modules", "q_proj");
        var adapter = Path.Combine(run, "checkpoints", "step-3");
        var printed = TinyPipeline.Succeed("merge", "--adapter", adapter, "--base", "nf4", "--quantize", "nf4", "--out", merged);
        Assert.Contains("rounding: as nf4 it is ", printed, StringComparison.Ordinal);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(merged, "config.json")))!["quantization_config"]!;
        Assert.Equal(("bitsandbytes", "nf4"), ((string)config["quant_method"]!, (string)config["bnb_4bit_quant_type"]!));

        // It is a base like any other: cache and adapter know it by its own digest, and have nothing to say of how it is held.
        TinyPipeline.Succeed("precompute", "--model", merged, "--data", Data, "--out", bare);
        printed = TinyPipeline.Succeed(
            "train", "--model", merged, "--ref", bare, "--out", second, "--max-steps", "2", "--lora-rank", "2");
        Assert.Contains("model: 14 linear weights of its layers are nf4 of bitsandbytes", printed, StringComparison.Ordinal);
        Assert.Contains("step-0 gate: passed", printed, StringComparison.Ordinal);
        Assert.DoesNotContain("base_form", File.ReadAllText(Path.Combine(second, "config.yaml")), StringComparison.Ordinal);
        printed = TinyPipeline.Succeed("export", "--run", second, "--out", folder.File("export"));
        Assert.Contains("parity: mean ", printed, StringComparison.Ordinal);
        ExportedParts.AssertBitsAndBytes(
            Path.Combine(merged, "model.safetensors"), Path.Combine(folder.File("export"), "model.onnx"), weights: 14);
        Assert.DoesNotContain(
            "quantization_config", File.ReadAllText(Path.Combine(folder.File("export"), "config.json")), StringComparison.Ordinal);

        var numbers = folder.File("numbers");
        TinyPipeline.Succeed("merge", "--adapter", Path.Combine(second, "checkpoints", "step-2"), "--out", numbers);
        Assert.DoesNotContain("quantization_config", File.ReadAllText(Path.Combine(numbers, "config.json")), StringComparison.Ordinal);
        Refused(
            "--quantize is int4: a merged folder can be nf4, as bitsandbytes saves it. Leave it out, or pass nf4.",
            ["merge", "--adapter", adapter, "--base", "nf4", "--quantize", "int4", "--out", folder.File("out")]);
    }

    [Fact]
    public void A_cache_and_a_policy_are_held_alike()
    {
        var (plain, nf4, run) = (folder.File("plain"), folder.File("nf4"), folder.File("run"));
        TinyPipeline.Succeed("precompute", "--model", Model, "--data", Data, "--out", plain);
        TinyPipeline.Succeed("precompute", "--model", Model, "--data", Data, "--out", nf4, "--base", "nf4");

        const string Held = "in 4 bits (format=nf4 block=64 scales=eight_bits quantizer=ortdpo-1)";
        Refused(
            $"{nf4} was made with weights held {Held}, and those of {Model} are held as in its files. Pass --base nf4, or run precompute "
            + "again.",
            [.. TrainArguments(run, nf4), "--lora-rank", "2"]);
        Refused(
            $"{nf4} was made with weights held {Held}, and those of {Model} are held as in its files. Pass --base nf4, or run precompute "
            + "again.",
            TrainArguments(run, nf4));
        Refused(
            $"{plain} was made with weights held as in its files, and those of {Model} are held {Held}. Leave --base out, or run "
            + "precompute again.",
            [.. TrainArguments(run, plain), "--lora-rank", "2", "--base", "nf4"]);
        Refused(
            $"{nf4} was made with weights held {Held}, and those of {Model} are held as in its files. Pass --base nf4.",
            ["verify", nf4, "--model", Model]);
        Refused(
            "was scored under another contract, with base format=nf4 block=64 scales=eight_bits quantizer=ortdpo-1 and not as in its "
            + "files: ",
            ["precompute", "--model", Model, "--data", Data, "--out", folder.File("more"), "--reuse", nf4]);
    }

    [Fact]
    public void An_adapter_meets_the_base_that_it_was_trained_on()
    {
        var (cache, run) = (folder.File("ref"), folder.File("run"));
        TinyPipeline.Succeed("precompute", "--model", Model, "--data", Data, "--out", cache, "--base", "int4");
        Train(run, cache, "--base", "int4", "--lora-rank", "2");
        var adapter = Path.Combine(run, "checkpoints", "step-3");
        foreach (var use in (string[][])
            [
                ["generate", "--model", adapter, "--prompt", "A"], ["merge", "--adapter", adapter, "--out", folder.File("out")],
                ["precompute", "--model", Model, "--adapter", adapter, "--data", Data, "--out", folder.File("out")],
            ])
        {
            Refused("are held as in its files. Pass --base int4.", use);
        }

        string[] sft =
        [
            "sft", "--model", Model, "--data", folder.Write("rows.jsonl", """{"prompt": "apple?", "completion": " A key."}"""),
            "--out", folder.File("sft"), "--max-steps", "2", "--lora-rank", "2",
        ];
        TinyPipeline.Succeed([.. sft, "--base", "nf4"]);
        Refused("config.yaml: the run was started with base \"nf4\", and this command has none.", [.. sft, "--resume"]);
        Refused("config.yaml: the run was started with base_form \"format=nf4 ", [.. sft, "--resume", "--base", "int4"]);
        Assert.False(Path.Exists(folder.File("out")));
    }

    [Fact]
    public void What_cannot_be_held_so_is_refused()
    {
        var cache = folder.File("ref");
        TinyPipeline.Succeed("precompute", "--model", Model, "--data", Data, "--out", cache, "--base", "nf4", "--keep-base");
        var file = Directory.GetFiles(cache, "base-*").Single();
        var cut = folder.File("base-cut.safetensors");
        File.WriteAllBytes(cut, File.ReadAllBytes(file)[..^100]);

        Refused(
            "such weights do not train. Train an adapter on them (--lora-rank), or leave --base out.",
            [.. TrainArguments("run", cache), "--base", "nf4"]);
        Refused(
            "--base is 'int3', and there is no such file; expected as-is, nf4, int4, int4-128,",
            [.. TrainArguments("run", cache), "--base", "int3", "--lora-rank", "2"]);
        Refused(cut, [.. TrainArguments("run", cache), "--base", cut, "--lora-rank", "2"]);
        Refused(
            "--keep-base keeps what is quantised, and --base is as-is: there is nothing to keep. Leave it out.",
            ["precompute", "--model", Model, "--data", Data, "--out", folder.File("out"), "--keep-base"]);
        TinyModel.Write(folder.File("other"), seed: 2);
        Refused(
            $"{file} was made of a model with the digest ",
            ["generate", "--model", folder.File("other"), "--base", file, "--prompt", "A"]);
    }

    string Train(string run, string cache, params string[] options) => TinyPipeline.Succeed([.. TrainArguments(run, cache), .. options]);

    string[] TrainArguments(string run, string cache) =>
        ["train", "--model", Model, "--ref", cache, "--out", run, "--max-steps", "3", "--learning-rate", "1e-2"];

    static void Refused(string sentence, string[] command)
    {
        var run = OrtDpoProgram.Run(command);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
    }
}
