using System.Text;
using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

/// <summary>LoRA through the whole chain: the base stays as it is, and each folder says what it was made on.</summary>
public sealed class AdapterChainTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    string Model => folder.File("model");

    string Data => folder.File("pairs.jsonl");

    public AdapterChainTests()
    {
        TinyModel.Write(Model);
        folder.Write("pairs.jsonl", TinyPairs.Lines(24));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Supervised_then_preferences_from_that_adapter_against_a_cache_of_base_and_adapter()
    {
        var before = File.ReadAllBytes(Path.Combine(Model, "model.safetensors"));
        var rows = folder.Write("rows.jsonl", string.Join('\n', Enumerable.Range(0, 16).Select(
            i => $$"""{"prompt": "{{i}}: apple door?", "completion": " A key is in the window {{i}}."}""")));
        var (sft, cache, run, exported, merged) = (
            folder.File("sft"), folder.File("ref"), folder.File("run"), folder.File("export"), folder.File("merged"));

        var printed = TinyPipeline.Succeed(
            "sft", "--model", Model, "--data", rows, "--out", sft, "--max-steps", "4", "--learning-rate", "1e-2", "--lora-rank", "4");
        // q, k, v, o, gate, up, down of two layers: 4 · (16 + 16 + 16 + 8 + 16 + 8 + 16 + 16 + 3 · (16 + 24)) a layer.
        Assert.Contains(
            "adapter: LoRA, rank 4, scale 2, on 14 modules; 1,856 numbers train beside 8,896 that do not", printed,
            StringComparison.Ordinal);
        var adapter = Path.Combine(sft, "checkpoints", "step-4");
        Assert.Equal(
            ["adapter_config.json", "adapter_model.safetensors", "optimizer.safetensors", "ortdpo_base.json", "tokenizer.json",
                "tokenizer_config.json", "trainer_state.json"],
            Directory.GetFiles(adapter).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(adapter, "adapter_config.json")))!;
        Assert.Equal(("LORA", 4, 8.0, Model), (
            (string)config["peft_type"]!, (int)config["r"]!, (double)config["lora_alpha"]!, (string)config["base_model_name_or_path"]!));

        TinyPipeline.Succeed(
            "precompute", "--model", Model, "--adapter", adapter, "--data", Data, "--eval-fraction", "0.25", "--out", cache);
        printed = TinyPipeline.Succeed(
            "train", "--model", Model, "--adapter", adapter, "--ref", cache, "--out", run, "--max-steps", "3", "--learning-rate", "1e-2");
        Assert.Contains("step-0 gate: passed", printed, StringComparison.Ordinal);
        Assert.Contains("loss 0.693147, its base value", printed, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(Model, "model.safetensors")));

        var metrics = TinyPipeline.Succeed("eval", "--run", run, "--json");
        Assert.Equal(LastEvaluation(run), (double)JsonNode.Parse(metrics)!["eval_loss"]!, 1e-6);
        Assert.Contains("everything is as it was written", TinyPipeline.Succeed("verify", run), StringComparison.Ordinal);
        Assert.Contains(
            "everything is as it was written", TinyPipeline.Succeed("verify", cache, "--model", Model, "--adapter", adapter),
            StringComparison.Ordinal);

        var checkpoint = Path.Combine(run, "checkpoints", "step-3");
        Assert.Contains("parity: mean ", TinyPipeline.Succeed("merge", "--adapter", checkpoint, "--out", merged), StringComparison.Ordinal);
        Assert.Contains("parity: mean ", TinyPipeline.Succeed("export", "--run", run, "--out", exported), StringComparison.Ordinal);
        var answers = ((string[][])[[merged], [exported], [checkpoint], [Model, "--adapter", checkpoint]])
            .Select(of => TinyPipeline.Succeed(
                ["generate", "--model", .. of, "--prompt", "7: apple door?", "--max-new-tokens", "16", "--threads", "1"]))
            .ToList();
        Assert.Single(answers.Distinct());
        Assert.Equal(before.Length, new FileInfo(Path.Combine(merged, "model.safetensors")).Length, before.Length / 8.0);
    }

    [Fact]
    public void A_policy_that_starts_otherwise_than_its_reference_says_so()
    {
        var (cache, first) = (folder.File("ref"), folder.File("first"));
        TinyPipeline.Succeed("precompute", "--model", Model, "--data", Data, "--out", cache);
        var printed = Train(first, cache, "--lora-rank", "2");
        Assert.Contains("step-0 gate: passed", printed, StringComparison.Ordinal);

        var adapter = Path.Combine(first, "checkpoints", "step-3");
        printed = Train(folder.File("second"), cache, "--adapter", adapter);
        Assert.Contains("step-0 gate: skipped, since the policy", printed, StringComparison.Ordinal);

        // An adapter's folder stands for its base with it.
        TinyPipeline.Succeed(
            "train", "--model", adapter, "--ref", cache, "--out", folder.File("third"), "--max-steps", "3", "--learning-rate", "1e-2");
        foreach (var file in Directory.GetFiles(adapter).Select(Path.GetFileName).Where(file => file != "trainer_state.json"))
        {
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(folder.File("second"), "checkpoints", "step-3", file!)),
                File.ReadAllBytes(Path.Combine(folder.File("third"), "checkpoints", "step-3", file!)));
        }

        Assert.Equal(
            ["first", "model", "pairs.jsonl", "ref", "second", "third"],
            Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_stopped_run_resumes_to_the_bytes_of_one_that_was_not()
    {
        var cache = folder.File("ref");
        TinyPipeline.Succeed("precompute", "--model", Model, "--data", Data, "--out", cache);
        string[] options =
        [
            "--lora-rank", "4", "--target-modules", "q_proj,up_proj", "--modules-to-save", "model.norm", "--rslora",
            "--save-dtype", "bfloat16",
        ];
        Train(folder.File("whole"), cache, [.. options, "--save-steps", "1"]);
        Train(folder.File("stopped"), cache, [.. options, "--save-steps", "1"]);
        Directory.Delete(Path.Combine(folder.File("stopped"), "checkpoints", "step-3"), recursive: true);
        Train(folder.File("stopped"), cache, [.. options, "--save-steps", "1", "--resume"]);
        foreach (var file in (string[])["adapter_model.safetensors", "adapter_config.json", "optimizer.safetensors"])
        {
            Assert.Equal(Bytes("whole", file), Bytes("stopped", file));
        }

        Assert.Contains(
            "base_model.model.model.norm.weight", Encoding.Latin1.GetString(Bytes("whole", "adapter_model.safetensors")),
            StringComparison.Ordinal);

        byte[] Bytes(string run, string file) => File.ReadAllBytes(Path.Combine(folder.File(run), "checkpoints", "step-3", file));
    }

    [Fact]
    public void A_base_that_changed_or_moved_is_found_wherever_its_adapter_is_used()
    {
        var (cache, run) = (folder.File("ref"), folder.File("run"));
        TinyPipeline.Succeed("precompute", "--model", Model, "--data", Data, "--eval-fraction", "0.25", "--out", cache);
        Train(run, cache, "--lora-rank", "2");
        var adapter = Path.Combine(run, "checkpoints", "step-3");

        TinyModel.Write(Model, seed: 2);
        string[][] uses =
        [
            ["eval", "--run", run], ["export", "--run", run, "--out", folder.File("out")],
            ["merge", "--adapter", adapter, "--out", folder.File("out")],
            ["generate", "--model", adapter, "--prompt", "A"],
            ["precompute", "--model", Model, "--adapter", adapter, "--data", Data, "--out", folder.File("out")],
            ["train", "--model", Model, "--adapter", adapter, "--ref", cache, "--out", folder.File("out")],
        ];
        foreach (var use in uses)
        {
            Refused($"{adapter} was trained on a base with the digest ", use);
        }

        Refused(
            "config.yaml: the run was started with policy_digest ",
            [
                "train", "--model", Model, "--ref", cache, "--out", run, "--max-steps", "3", "--learning-rate", "1e-2", "--lora-rank", "2",
                "--resume",
            ]);

        Directory.Move(Model, folder.File("moved"));
        Refused(
            $"{adapter} is an adapter, and its base '{Model}' is no model folder here. "
            + "Give the base as --model and the adapter as --adapter.",
            ["merge", "--adapter", adapter, "--out", folder.File("out")]);
        Assert.False(Path.Exists(folder.File("out")));

        TinyModel.Write(folder.File("moved"));
        TinyPipeline.Succeed("merge", "--model", folder.File("moved"), "--adapter", adapter, "--out", folder.File("out"));
    }

    string Train(string run, string cache, params string[] options) => TinyPipeline.Succeed(
        ["train", "--model", Model, "--ref", cache, "--out", run, "--max-steps", "3", "--learning-rate", "1e-2", .. options]);

    static void Refused(string sentence, string[] command)
    {
        var run = OrtDpoProgram.Run(command);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
    }

    static double LastEvaluation(string run) => File.ReadLines(Path.Combine(run, "metrics.jsonl"))
        .Select(line => JsonNode.Parse(line)!["eval_loss"]).OfType<JsonNode>().Select(loss => (double)loss).Last();
}
