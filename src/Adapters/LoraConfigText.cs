namespace OrtDpo.Adapters;

/// <summary>
/// The fields of <c>adapter_config.json</c>, and their text as PEFT 0.18.0 writes it (<c>PeftConfigMixin.save_pretrained</c>).
/// </summary>
static class LoraConfigText
{
    static readonly Dictionary<string, string> Fields = new(StringComparer.Ordinal)
    {
        [nameof(LoraConfig.Alpha)] = "lora_alpha",
        [nameof(LoraConfig.AlphaPattern)] = "alpha_pattern",
        [nameof(LoraConfig.BaseModelNameOrPath)] = "base_model_name_or_path",
        [nameof(LoraConfig.Dropout)] = "lora_dropout",
        [nameof(LoraConfig.ExcludeModules)] = "exclude_modules",
        [nameof(LoraConfig.FanInFanOut)] = "fan_in_fan_out",
        [nameof(LoraConfig.LayersPattern)] = "layers_pattern",
        [nameof(LoraConfig.LayersToTransform)] = "layers_to_transform",
        [nameof(LoraConfig.ModulesToSave)] = "modules_to_save",
        [nameof(LoraConfig.Rank)] = "r",
        [nameof(LoraConfig.RankPattern)] = "rank_pattern",
        [nameof(LoraConfig.Revision)] = "revision",
        [nameof(LoraConfig.TargetModules)] = "target_modules",
        [nameof(LoraConfig.UseRsLora)] = "use_rslora",
    };

    /// <summary>The field that holds a property of <see cref="LoraConfig"/>.</summary>
    public static string FieldName(string property) => Fields[property];

    public static string Of(LoraConfig config) => PythonJson.Write(new SortedDictionary<string, object?>(StringComparer.Ordinal)
    {
        ["alora_invocation_tokens"] = null,
        ["alpha_pattern"] = Members(config.AlphaPattern, Number),
        ["arrow_config"] = null,
        ["auto_mapping"] = null,
        ["base_model_name_or_path"] = config.BaseModelNameOrPath,
        ["bias"] = "none",
        ["corda_config"] = null,
        ["ensure_weight_tying"] = false,
        ["eva_config"] = null,
        ["exclude_modules"] = Choice(config.ExcludeModules),
        ["fan_in_fan_out"] = config.FanInFanOut,
        ["inference_mode"] = true,
        ["init_lora_weights"] = true,
        ["layer_replication"] = null,
        ["layers_pattern"] = config.LayersPattern,
        ["layers_to_transform"] = config.LayersToTransform,
        ["loftq_config"] = Members<object>([], value => value),
        ["lora_alpha"] = Number(config.Alpha),
        ["lora_bias"] = false,
        ["lora_dropout"] = config.Dropout,
        ["megatron_config"] = null,
        ["megatron_core"] = "megatron.core",
        ["modules_to_save"] = config.ModulesToSave.Count == 0 ? null : config.ModulesToSave,
        ["peft_type"] = "LORA",
        ["qalora_group_size"] = 16,
        ["r"] = config.Rank,
        ["rank_pattern"] = Members(config.RankPattern, value => value),
        ["revision"] = config.Revision,
        ["target_modules"] = Choice(config.TargetModules),
        ["target_parameters"] = null,
        ["task_type"] = "CAUSAL_LM",
        ["trainable_token_indices"] = null,
        ["use_dora"] = false,
        ["use_qalora"] = false,
        ["use_rslora"] = config.UseRsLora,
    });

    static object? Choice(ModuleChoice? choice) => choice switch
    {
        null => null,
        ModuleChoice.Names names => names.Entries,
        ModuleChoice.Pattern pattern => pattern.Expression,
        _ => LoraConfigReader.AllLinear,
    };

    static List<KeyValuePair<string, object?>> Members<T>(IEnumerable<KeyValuePair<string, T>> pairs, Func<T, object> value) =>
        [.. pairs.Select(pair => KeyValuePair.Create<string, object?>(pair.Key, value(pair.Value)))];

    // PEFT's alphas are integers; a file may have others, which stay floating point.
    static object Number(double value) =>
        value == Math.Floor(value) && Math.Abs(value) < 1e15 ? (object)(long)value : value;
}
