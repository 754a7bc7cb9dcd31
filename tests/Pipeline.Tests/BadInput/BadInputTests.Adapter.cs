using System.Text.Json.Nodes;

namespace OrtDpo.Pipeline.Tests;

public sealed partial class BadInputTests
{
    const string OtherAdapter = "The two files belong to different adapters: get the folder again.";
    const string LinearModules =
        "The model's linear modules end in q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj.";

    [Fact]
    public void An_adapter_of_a_base_with_other_numbers()
    {
        var adapter = Adapter(made.Model);
        var other = TinyModel.Write(folder.File("other"), seed: 2);
        foreach (var command in Uses(other, adapter))
        {
            var before = Files();
            var run = OrtDpoProgram.Run(command);
            Assert.Matches(
                $"^{adapter} was trained on a base with the digest [0-9a-f]{{12}}…, and {other} has [0-9a-f]{{12}}…: another model, other "
                + "numbers or another dtype\\. Give the base that it was trained on \\(--model\\)\\.\n$",
                run.Error);
            Assert.Equal((1, ""), (run.ExitCode, run.Output));
            Assert.Equal(before, Files());
        }
    }

    [Fact]
    public void An_adapter_of_a_base_with_other_shapes_that_nothing_was_written_down_of()
    {
        var adapter = Adapter(made.Model);
        File.Delete(Path.Combine(adapter, "ortdpo_base.json"));
        var other = TinyModel.Write(folder.File("other"), shape: new TinyShape(Intermediate: 32));
        RefusedByAll(
            $"{Path.Combine(adapter, "adapter_model.safetensors")}: the adapter of 'model.layers.0.mlp.gate_proj' is for 16 to 24 "
            + $"features, and the base has 16 to 32 there. The adapter was made for '{made.Model}': use that base.",
            other, adapter);
    }

    [Fact]
    public void An_adapter_of_another_rank_than_its_configuration_says()
    {
        var adapter = Adapter(made.Model);
        Configure(adapter, "r", 8);
        RefusedByAll(
            $"{Path.Combine(adapter, "adapter_model.safetensors")}: the adapter of 'model.layers.0.self_attn.q_proj' has rank 4, and "
            + $"adapter_config.json says 8. {OtherAdapter}",
            made.Model, adapter);
    }

    [Theory]
    [InlineData("lm_head", "lm_head.weight")]
    [InlineData("embed_tokens", "model.embed_tokens.weight")]
    public void An_adapter_that_saves_a_layer_of_another_vocabulary(string module, string tensor)
    {
        var model = TinyModel.Write(folder.File("model"), shape: new TinyShape(IsTied: false));
        var adapter = Adapter(model, "--modules-to-save", module);
        var other = TinyModel.Write(folder.File("other"), shape: new TinyShape(Vocabulary: 320, IsTied: false));
        RefusedByAll(
            $"{Path.Combine(adapter, "adapter_model.safetensors")}: tensor '{tensor}' has the shape [311, 16], and the base's [320, 16]. "
            + $"The adapter was made for '{model}': use that base.",
            other, adapter);
    }

    [Fact]
    public void An_adapter_whose_targets_are_no_modules()
    {
        var adapter = Adapter(made.Model);
        var config = Configure(adapter, "target_modules", new JsonArray("c_attn", "q_proj"));
        RefusedByAll(
            $"{config}: target_modules names 'c_attn', and no module of the model is called so. {LinearModules}", made.Model, adapter);
        Configure(adapter, "target_modules", @"transformer\..*");
        RefusedByAll(
            $"{config}: target_modules is the regular expression 'transformer\\..*', and no module of the model matches it from beginning "
            + $"to end. {LinearModules}",
            made.Model, adapter);
    }

    [Fact]
    public void An_adapter_whose_configuration_has_an_unknown_field()
    {
        var adapter = Adapter(made.Model);
        var config = Configure(adapter, "use_telepathy", true);
        RefusedByAll(
            $"{config}: use_telepathy is true, and no such field of PEFT's LoRA is known here; it could change numbers. Remove it if it "
            + "changes none, or merge the adapter into its base with PEFT.",
            made.Model, adapter);
    }

    [Fact]
    public void An_adapter_whose_tensors_are_cut_short()
    {
        var adapter = Adapter(made.Model);
        var tensors = Path.Combine(adapter, "adapter_model.safetensors");
        var header = BitConverter.ToInt64(File.ReadAllBytes(tensors), 0);
        Truncate(tensors, length => length - 100);
        RefusedByAll(
            $"{tensors}: tensor 'base_model.model.model.layers.1.self_attn.v_proj.lora_B.weight' lies at bytes 7296 to 7424, "
            + "but the file holds 7324 bytes of tensors. Fetch the file again.",
            made.Model, adapter);
        Truncate(tensors, _ => 1000);
        RefusedByAll(
            $"{tensors}: the header claims {header} bytes, but 992 bytes follow its length (at most 100000000 are read). "
            + "Fetch the file again.",
            made.Model, adapter);
        File.Delete(tensors);
        RefusedByAll($"{tensors} does not exist. Expected a folder that PEFT saved an adapter in.", made.Model, adapter);
    }

    /// <summary>An adapter of rank 4 after one step, as a run's checkpoint is.</summary>
    string Adapter(string model, params string[] options)
    {
        var rows = folder.Write("rows.jsonl", """{"prompt": "Say so.", "completion": " So."}""");
        TinyPipeline.Succeed(
        [
            "sft", "--model", model, "--data", rows, "--max-steps", "1", "--lora-rank", "4", .. options, "--out", folder.File("adapted"),
        ]);
        return folder.File(Path.Combine("adapted", "checkpoints", "step-1"));
    }

    static string Configure(string adapter, string field, JsonNode value)
    {
        var path = Path.Combine(adapter, "adapter_config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        config[field] = value;
        File.WriteAllText(path, config.ToJsonString());
        return path;
    }

    // As a user meets it: training on with it, asking it, and merging it.
    string[][] Uses(string model, string adapter) =>
    [
        [.. Train(model, made.Cache), "--adapter", adapter],
        ["generate", "--model", model, "--adapter", adapter, "--prompt", "Hello", "--max-new-tokens", "2"],
        ["merge", "--model", model, "--adapter", adapter, "--out", Out],
    ];

    void RefusedByAll(string expected, string model, string adapter)
    {
        foreach (var command in Uses(model, adapter))
        {
            Refused(1, expected, command);
        }
    }
}
