namespace OrtDpo.Adapters.Tests;

/// <summary>
/// <c>adapter_config.json</c> as it is published: the fields that each version of PEFT writes, with settings that well-known adapters have.
/// </summary>
public sealed class PublishedConfigTests : IDisposable
{
    readonly AdapterFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void PEFT_0_2_of_the_first_Alpaca_adapters()
    {
        var config = folder.Read("""
            {
              "base_model_name_or_path": "decapoda-research/llama-7b-hf",
              "bias": "none",
              "enable_lora": null,
              "fan_in_fan_out": false,
              "inference_mode": true,
              "lora_alpha": 16,
              "lora_dropout": 0.05,
              "merge_weights": false,
              "modules_to_save": null,
              "peft_type": "LORA",
              "r": 16,
              "target_modules": [
                "q_proj",
                "k_proj",
                "v_proj",
                "o_proj"
              ],
              "task_type": "CAUSAL_LM"
            }
            """);
        Assert.Equal((16, 16.0, 0.05), (config.Rank, config.Alpha, config.Dropout));
        Assert.Equal("decapoda-research/llama-7b-hf", config.BaseModelNameOrPath);
        var targets = config.On("llama").Targets;
        Assert.Equal(8, targets.Count);
        Assert.All(targets, target => Assert.Equal(1, target.Scale));
    }

    [Fact]
    public void PEFT_0_5_of_QLoRA_on_all_layers()
    {
        var config = folder.Read("""
            {
              "auto_mapping": null,
              "base_model_name_or_path": "mistralai/Mistral-7B-v0.1",
              "bias": "none",
              "fan_in_fan_out": false,
              "inference_mode": true,
              "init_lora_weights": true,
              "layers_pattern": null,
              "layers_to_transform": null,
              "lora_alpha": 16,
              "lora_dropout": 0.1,
              "modules_to_save": null,
              "peft_type": "LORA",
              "r": 64,
              "revision": null,
              "target_modules": ["q_proj", "o_proj", "down_proj", "gate_proj", "up_proj", "k_proj", "v_proj"],
              "task_type": "CAUSAL_LM"
            }
            """);
        Assert.Equal(14, config.On("llama").Targets.Count);
        Assert.Equal(0.25, config.On("llama").Targets[0].Scale);
    }

    [Fact]
    public void PEFT_0_6_of_Zephyrs_DPO_recipe()
    {
        var config = folder.Read("""
            {
              "alpha_pattern": {},
              "auto_mapping": null,
              "base_model_name_or_path": "alignment-handbook/zephyr-7b-sft-qlora",
              "bias": "none",
              "fan_in_fan_out": false,
              "inference_mode": true,
              "init_lora_weights": true,
              "layers_pattern": null,
              "layers_to_transform": null,
              "lora_alpha": 128,
              "lora_dropout": 0.05,
              "modules_to_save": null,
              "peft_type": "LORA",
              "r": 128,
              "rank_pattern": {},
              "revision": null,
              "target_modules": ["k_proj", "o_proj", "q_proj", "v_proj"],
              "task_type": "CAUSAL_LM"
            }
            """);
        Assert.Equal(8, config.On("llama").Targets.Count);
    }

    [Fact]
    public void PEFT_0_10_of_GPT_2_with_rsLoRA()
    {
        var config = folder.Read("""
            {
              "alpha_pattern": {},
              "auto_mapping": null,
              "base_model_name_or_path": "gpt2",
              "bias": "none",
              "fan_in_fan_out": true,
              "inference_mode": true,
              "init_lora_weights": true,
              "layer_replication": null,
              "layers_pattern": null,
              "layers_to_transform": null,
              "loftq_config": {},
              "lora_alpha": 32,
              "lora_dropout": 0.0,
              "megatron_config": null,
              "megatron_core": "megatron.core",
              "modules_to_save": ["wte", "lm_head"],
              "peft_type": "LORA",
              "r": 16,
              "rank_pattern": {},
              "revision": null,
              "target_modules": ["c_attn"],
              "task_type": "CAUSAL_LM",
              "use_dora": false,
              "use_rslora": true
            }
            """);
        Assert.True(config.FanInFanOut);
        var targets = config.On("gpt2");
        Assert.Equal(2, targets.Targets.Count);
        Assert.Equal(8, targets.Targets[0].Scale);
        Assert.Equal(["lm_head", "transformer.wte"], targets.SavedModules);
    }

    [Fact]
    public void PEFT_0_14_of_Unsloth()
    {
        const string Kinds = "(?:.*?(?:self_attn|attention|attn|mlp|feed_forward|ffn|dense).*?"
            + "(?:k_proj|v_proj|q_proj|o_proj|gate_proj|up_proj|down_proj).*?)";
        const string Layers = @"(?:\\bmodel\\.layers\\.[\\d]{1,}\\.(?:self_attn|mlp)\\.(?:(?:q_proj|k_proj)))";
        var config = folder.Read($$"""
            {
              "alpha_pattern": {},
              "auto_mapping": null,
              "base_model_name_or_path": "unsloth/llama-3.2-1b-instruct-bnb-4bit",
              "bias": "none",
              "eva_config": null,
              "exclude_modules": null,
              "fan_in_fan_out": false,
              "inference_mode": true,
              "init_lora_weights": true,
              "layer_replication": null,
              "layers_pattern": null,
              "layers_to_transform": null,
              "loftq_config": {},
              "lora_alpha": 16,
              "lora_bias": false,
              "lora_dropout": 0,
              "megatron_config": null,
              "megatron_core": "megatron.core",
              "modules_to_save": null,
              "peft_type": "LORA",
              "r": 16,
              "rank_pattern": {},
              "revision": "unsloth",
              "target_modules": "{{Kinds}}|{{Layers}}",
              "task_type": "CAUSAL_LM",
              "use_dora": false,
              "use_rslora": false
            }
            """);
        Assert.Equal("unsloth", config.Revision);
        Assert.Equal(14, config.On("llama").Targets.Count);
    }

    [Fact]
    public void PEFT_0_15_with_layers_and_patterns()
    {
        var config = folder.Read("""
            {
              "alpha_pattern": {"model.layers.1.self_attn.v_proj": 64},
              "auto_mapping": {
                "base_model_class": "LlamaForCausalLM",
                "parent_library": "transformers.models.llama.modeling_llama"
              },
              "base_model_name_or_path": "TinyLlama/TinyLlama-1.1B-Chat-v1.0",
              "bias": "none",
              "corda_config": null,
              "eva_config": null,
              "exclude_modules": null,
              "fan_in_fan_out": false,
              "inference_mode": true,
              "init_lora_weights": "gaussian",
              "layer_replication": null,
              "layers_pattern": "layers",
              "layers_to_transform": [1],
              "loftq_config": {},
              "lora_alpha": 32,
              "lora_bias": false,
              "lora_dropout": 0.05,
              "megatron_config": null,
              "megatron_core": "megatron.core",
              "modules_to_save": null,
              "peft_type": "LORA",
              "r": 8,
              "rank_pattern": {"q_proj": 16},
              "revision": null,
              "target_modules": ["v_proj", "q_proj"],
              "task_type": null,
              "trainable_token_indices": null,
              "use_dora": false,
              "use_rslora": false
            }
            """);
        Assert.Equal(
            [("model.layers.1.self_attn.q_proj", 16, 2.0), ("model.layers.1.self_attn.v_proj", 8, 8.0)],
            config.On("llama").Targets.Select(target => (target.Module.Name, target.Rank, target.Scale)));
    }

    [Fact]
    public void PEFT_0_18_of_TRLs_all_linear()
    {
        var config = folder.Read("""
            {
              "alora_invocation_tokens": null,
              "alpha_pattern": {},
              "arrow_config": null,
              "auto_mapping": null,
              "base_model_name_or_path": "Qwen/Qwen3-0.6B",
              "bias": "none",
              "corda_config": null,
              "ensure_weight_tying": false,
              "eva_config": null,
              "exclude_modules": null,
              "fan_in_fan_out": false,
              "inference_mode": true,
              "init_lora_weights": true,
              "layer_replication": null,
              "layers_pattern": null,
              "layers_to_transform": null,
              "loftq_config": {},
              "lora_alpha": 16,
              "lora_bias": false,
              "lora_dropout": 0.05,
              "megatron_config": null,
              "megatron_core": "megatron.core",
              "modules_to_save": null,
              "peft_type": "LORA",
              "peft_version": "0.18.0",
              "qalora_group_size": 16,
              "r": 32,
              "rank_pattern": {},
              "revision": null,
              "target_modules": ["gate_proj", "q_proj", "up_proj", "down_proj", "o_proj", "v_proj", "k_proj"],
              "target_parameters": null,
              "task_type": "CAUSAL_LM",
              "trainable_token_indices": null,
              "use_dora": false,
              "use_qalora": false,
              "use_rslora": false
            }
            """);
        var all = new LoraConfig { TargetModules = ModuleChoice.AllLinear, Rank = 32, Alpha = 16 };
        Assert.Equal(all.On("llama").Targets, config.On("llama").Targets);
    }

    [Fact]
    public void PEFT_0_20_with_an_adapter_of_attention()
    {
        var config = folder.Read("""
            {
              "alora_invocation_tokens": null,
              "alpha_pattern": {},
              "arrow_config": null,
              "auto_mapping": null,
              "base_model_name_or_path": "microsoft/Phi-3-mini-4k-instruct",
              "bias": "none",
              "corda_config": null,
              "ensure_weight_tying": false,
              "eva_config": null,
              "exclude_modules": ["lm_head"],
              "fan_in_fan_out": false,
              "inference_mode": true,
              "init_lora_weights": true,
              "layer_replication": null,
              "layers_pattern": null,
              "layers_to_transform": null,
              "loftq_config": {},
              "lora_alpha": 64,
              "lora_bias": false,
              "lora_dropout": 0.0,
              "lora_ga_config": null,
              "megatron_config": null,
              "megatron_core": "megatron.core",
              "modules_to_save": null,
              "monteclora_config": null,
              "peft_type": "LORA",
              "peft_version": "0.20.0",
              "qalora_group_size": 16,
              "r": 32,
              "rank_pattern": {},
              "revision": null,
              "target_modules": ["qkv_proj", "o_proj"],
              "target_parameters": null,
              "task_type": "CAUSAL_LM",
              "trainable_token_indices": null,
              "use_bdlora": null,
              "use_dora": false,
              "use_qalora": false,
              "use_rslora": false,
              "velora_config": null
            }
            """);
        Assert.Equal(4, config.On("phi3").Targets.Count);
    }
}
