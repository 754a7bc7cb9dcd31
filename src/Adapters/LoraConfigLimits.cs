using System.Text.Json;

namespace OrtDpo.Adapters;

/// <summary>
/// The fields of <c>adapter_config.json</c> that stand for what is not built here, and those that change no number. All that PEFT's
/// <c>LoraConfig</c> had from version 0.2 to 0.20 are known.
/// </summary>
static class LoraConfigLimits
{
    const string Merge = "Merge the adapter into its base with PEFT (merge_and_unload), and use the merged model.";

    // The values with which a field says nothing; the first one is what messages ask for.
    static readonly Dictionary<string, string[]> Neutral = new(StringComparer.Ordinal)
    {
        ["alora_invocation_tokens"] = ["null"],
        ["arrow_config"] = ["null"],
        ["bias"] = ["\"none\""],
        ["corda_config"] = ["null"],
        ["enable_lora"] = ["null"],
        ["ensure_weight_tying"] = ["false"],
        ["eva_config"] = ["null"],
        ["kasa_config"] = ["null"],
        ["layer_replication"] = ["null", "[]"],
        ["loftq_config"] = ["{}", "null"],
        ["lora_bias"] = ["false"],
        ["lora_ga_config"] = ["null"],
        ["megatron_config"] = ["null"],
        ["merge_weights"] = ["false"],
        ["monteclora_config"] = ["null"],
        ["target_parameters"] = ["null", "[]"],
        ["trainable_token_indices"] = ["null"],
        ["use_bdlora"] = ["null"],
        ["use_dora"] = ["false"],
        ["use_qalora"] = ["false"],
        ["velora_config"] = ["null"],
    };

    static readonly HashSet<string> Read = new(StringComparer.Ordinal)
    {
        "alpha_pattern", "base_model_name_or_path", "exclude_modules", "fan_in_fan_out", "layers_pattern", "layers_to_transform",
        "lora_alpha", "lora_dropout", "modules_to_save", "peft_type", "r", "rank_pattern", "revision", "target_modules", "task_type",
        "use_rslora",
    };

    // What PEFT converts itself, with the base as it was before.
    static readonly string[] StartsFromChangedBase = ["corda", "lora_ga", "olora", "pissa"];

    /// <exception cref="InvalidDataException">A field has a value of the wrong type, or <c>peft_type</c> is missing.</exception>
    /// <exception cref="NotSupportedException">A field is unknown, or says what is not built here.</exception>
    public static void Check(JsonFields fields)
    {
        CheckKind(fields);
        foreach (var (field, value) in fields.Values)
        {
            if (Neutral.TryGetValue(field, out var accepted))
            {
                CheckNeutral(fields, field, value, accepted);
            }
            else if (!Read.Contains(field) && !IsHarmless(fields, field, value))
            {
                throw new NotSupportedException($"{fields.Path}: {field} is {JsonFields.Shown(value)}, and no such field of PEFT's LoRA is "
                    + "known here; it could change numbers. Remove it if it changes none, or merge the adapter into its base with PEFT.");
            }
        }
    }

    static void CheckKind(JsonFields fields)
    {
        var kind = fields.Text("peft_type")
            ?? throw new InvalidDataException($"{fields.Path}: peft_type is missing. Expected \"LORA\"; get the adapter's folder again.");
        if (kind != "LORA")
        {
            throw new NotSupportedException($"{fields.Path}: peft_type is \"{kind}\". Only LORA is built here. {Merge}");
        }

        if (fields.Text("task_type") is { } task && task != "CAUSAL_LM")
        {
            throw new NotSupportedException(
                $"{fields.Path}: task_type is \"{task}\". Only adapters of causal language models are read: CAUSAL_LM, or null.");
        }
    }

    static void CheckNeutral(JsonFields fields, string field, JsonElement value, string[] accepted)
    {
        if (accepted.Contains(Compact(value)))
        {
            return;
        }

        if (accepted is ["false"] && value.ValueKind != JsonValueKind.True)
        {
            throw fields.Wrong(field, "true or false");
        }

        throw new NotSupportedException(
            $"{fields.Path}: {field} is {JsonFields.Shown(value)}. Only {accepted[0]} is built here. {Merge}");
    }

    static string Compact(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object when !value.EnumerateObject().Any() => "{}",
        JsonValueKind.Array when value.GetArrayLength() == 0 => "[]",
        JsonValueKind.String => $"\"{value.GetString()}\"",
        _ => value.GetRawText(),
    };

    // Whether the field is one of those that change no number of a finished adapter.
    static bool IsHarmless(JsonFields fields, string field, JsonElement value)
    {
        switch (field)
        {
            // Where modules of Megatron come from, and what only a running PEFT looks at.
            case "megatron_core" or "runtime_config":
                return true;
            case "peft_version":
                _ = fields.Text(field);
                return true;
            case "inference_mode":
                _ = fields.Flag(field);
                return true;
            case "qalora_group_size":
                _ = fields.Integer(field, least: 1);
                return true;
            case "auto_mapping":
                CheckAutoMapping(fields, value);
                return true;
            case "init_lora_weights":
                CheckInit(fields, value);
                return true;
            default:
                return false;
        }
    }

    // The class of the base, which PEFT writes where it was told no task.
    static void CheckAutoMapping(JsonFields fields, JsonElement value)
    {
        var isNames = value.ValueKind == JsonValueKind.Object
            && value.EnumerateObject().All(member => member.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array));
        if (value.ValueKind != JsonValueKind.Null && !isNames)
        {
            throw fields.Wrong("auto_mapping", "null, or an object with the names of the base's class and library");
        }
    }

    static void CheckInit(JsonFields fields, JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return;
        }

        var init = value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw fields.Wrong("init_lora_weights", "true, false or text");
        if (init == "gaussian")
        {
            return;
        }

        var advice = StartsFromChangedBase.Any(name => init.StartsWith(name, StringComparison.Ordinal))
            ? "The adapter belongs to a base that it changed when it was made: save it again with PEFT's "
                + "path_initial_model_for_weight_conversion, which makes it one of the base as it was."
            : Merge;
        throw new NotSupportedException(
            $"{fields.Path}: init_lora_weights is \"{init}\". Adapters that began as true, false or \"gaussian\" are read. {advice}");
    }
}
