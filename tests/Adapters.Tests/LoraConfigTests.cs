namespace OrtDpo.Adapters.Tests;

/// <summary>Reading <c>adapter_config.json</c>; files as versions of PEFT write them are in <see cref="PublishedConfigTests"/>.</summary>
public sealed class LoraConfigTests : IDisposable
{
    readonly AdapterFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Absent_fields_have_PEFTs_defaults()
    {
        var config = folder.Read("""{"peft_type": "LORA", "target_modules": ["q_proj"]}""");
        Assert.Equal((8, 8.0, false), (config.Rank, config.Alpha, config.UseRsLora));
        Assert.Null(config.ExcludeModules);
        Assert.Null(config.LayersToTransform);
        Assert.Null(config.LayersPattern);
        Assert.Empty(config.RankPattern);
        Assert.Empty(config.AlphaPattern);
        Assert.Empty(config.ModulesToSave);
        Assert.Equal((0.0, false, null, null), (config.Dropout, config.FanInFanOut, config.BaseModelNameOrPath, config.Revision));
        Assert.Equal(folder.ConfigPath, config.Source);
    }

    [Fact]
    public void Every_field_is_read()
    {
        var config = folder.Read("""
            {
              "alpha_pattern": {"v_proj": 0.5, "q_proj": 3}, "base_model_name_or_path": "a/b", "exclude_modules": ["lm_head"],
              "fan_in_fan_out": true, "layers_pattern": "layers", "layers_to_transform": 3, "lora_alpha": 12.5, "lora_dropout": 0.1,
              "modules_to_save": ["norm"], "peft_type": "LORA", "r": 4, "rank_pattern": {"v_proj": 2, "q_proj": 1}, "revision": "main",
              "target_modules": ["q_proj", "v_proj"], "use_rslora": true
            }
            """);
        Assert.Equal([new("v_proj", 0.5), new("q_proj", 3)], config.AlphaPattern);
        Assert.Equal([new("v_proj", 2), new("q_proj", 1)], config.RankPattern);
        Assert.Equal(["lm_head"], Assert.IsType<ModuleChoice.Names>(config.ExcludeModules).Entries);
        Assert.Equal(["q_proj", "v_proj"], Assert.IsType<ModuleChoice.Names>(config.TargetModules).Entries);
        Assert.Equal(["layers"], config.LayersPattern);
        Assert.Equal([3], config.LayersToTransform);
        Assert.Equal(["norm"], config.ModulesToSave);
        Assert.Equal((4, 12.5, true), (config.Rank, config.Alpha, config.UseRsLora));
        Assert.Equal((0.1, true, "a/b", "main"), (config.Dropout, config.FanInFanOut, config.BaseModelNameOrPath, config.Revision));
    }

    [Theory]
    [InlineData("\"all-linear\"")]
    [InlineData("\"ALL-Linear\"")]
    public void All_linear_is_known_in_any_case(string value) =>
        Assert.Same(ModuleChoice.AllLinear, folder.ReadWith("target_modules", value).TargetModules);

    [Fact]
    public void Text_is_an_expression()
    {
        Assert.Equal(new ModuleChoice.Pattern(".*q_proj"), folder.ReadWith("target_modules", "\".*q_proj\"").TargetModules);
        Assert.Equal(new ModuleChoice.Pattern("all-linear"), folder.ReadWith("exclude_modules", "\"all-linear\"").ExcludeModules);
    }

    [Theory]
    // What says nothing.
    [InlineData("alora_invocation_tokens", "null")]
    [InlineData("alpha_pattern", "null")]
    [InlineData("alpha_pattern", "{}")]
    [InlineData("arrow_config", "null")]
    [InlineData("auto_mapping", "null")]
    [InlineData("auto_mapping", """{"base_model_class": "LlamaForCausalLM", "parent_library": "transformers.models.llama"}""")]
    [InlineData("auto_mapping", """{"base_model_class": "Qwen2ForCausalLM", "parent_library": "x", "unsloth_fixed": true}""")]
    [InlineData("base_model_name_or_path", "null")]
    [InlineData("bias", "\"none\"")]
    [InlineData("corda_config", "null")]
    [InlineData("enable_lora", "null")]
    [InlineData("ensure_weight_tying", "false")]
    [InlineData("eva_config", "null")]
    [InlineData("exclude_modules", "null")]
    [InlineData("exclude_modules", "[]")]
    [InlineData("exclude_modules", "\"\"")]
    [InlineData("inference_mode", "true")]
    [InlineData("inference_mode", "false")]
    [InlineData("init_lora_weights", "true")]
    [InlineData("init_lora_weights", "false")]
    [InlineData("init_lora_weights", "\"gaussian\"")]
    [InlineData("kasa_config", "null")]
    [InlineData("layer_replication", "null")]
    [InlineData("layers_pattern", "null")]
    [InlineData("layers_pattern", "\"\"")]
    [InlineData("layers_pattern", "[]")]
    [InlineData("layers_to_transform", "null")]
    [InlineData("layers_to_transform", "[]")]
    [InlineData("loftq_config", "{}")]
    [InlineData("loftq_config", "null")]
    [InlineData("lora_bias", "false")]
    [InlineData("lora_dropout", "0")]
    [InlineData("lora_dropout", "0.05")]
    [InlineData("lora_dropout", "1")]
    [InlineData("lora_ga_config", "null")]
    [InlineData("megatron_config", "null")]
    [InlineData("megatron_core", "\"megatron.core\"")]
    [InlineData("megatron_core", "7")]
    [InlineData("merge_weights", "false")]
    [InlineData("modules_to_save", "null")]
    [InlineData("modules_to_save", "[]")]
    [InlineData("monteclora_config", "null")]
    [InlineData("peft_version", "\"0.18.1\"")]
    [InlineData("peft_version", "null")]
    [InlineData("qalora_group_size", "16")]
    [InlineData("rank_pattern", "null")]
    [InlineData("revision", "null")]
    [InlineData("runtime_config", """{"ephemeral_gpu_offload": true}""")]
    [InlineData("target_parameters", "null")]
    [InlineData("target_parameters", "[ ]")]
    [InlineData("task_type", "null")]
    [InlineData("task_type", "\"CAUSAL_LM\"")]
    [InlineData("trainable_token_indices", "null")]
    [InlineData("use_bdlora", "null")]
    [InlineData("use_dora", "false")]
    [InlineData("use_qalora", "false")]
    [InlineData("use_rslora", "null")]
    [InlineData("velora_config", "null")]
    public void A_field_that_changes_no_number_passes(string field, string value)
    {
        var config = folder.ReadWith(field, value);
        Assert.Equal((4, 8.0, false), (config.Rank, config.Alpha, config.UseRsLora));
        Assert.Empty(config.RankPattern);
        Assert.Empty(config.AlphaPattern);
        Assert.Empty(config.ModulesToSave);
        Assert.Null(config.ExcludeModules);
        Assert.Null(config.LayersToTransform);
        Assert.Null(config.LayersPattern);
    }

    [Fact]
    public void A_folder_without_a_configuration_is_refused()
    {
        var error = Assert.Throws<FileNotFoundException>(() => LoraConfig.Read(folder.Path));
        Assert.Equal($"{folder.ConfigPath} does not exist. Expected a folder that PEFT saved an adapter in.", error.Message);
    }

    [Fact]
    public void The_name_of_an_adapter_on_a_hub_is_told_from_a_folder()
    {
        var error = Assert.Throws<FileNotFoundException>(() => LoraConfig.Read("tloen/alpaca-lora-7b"));
        Assert.Contains("download it first", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pointer_of_Git_LFS_is_named() => LfsPointer.IsNamed(folder.ConfigPath, () => LoraConfig.Read(folder.Path));
}
