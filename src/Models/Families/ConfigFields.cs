using System.Text.Json;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>
/// The fields of a <c>config.json</c> that its family did not read. Those that would change numbers have to say that they do not; those
/// that change none pass; the rest is named in a note, since a field that nobody knows is more often a remark than a new kind of layer
/// (docs/decisions/0022-fields-of-configurations.md).
/// </summary>
static class ConfigFields
{
    // What files of some models say that changes numbers in others: the value with which nothing changes. null and absence pass for all.
    static readonly Dictionary<string, object> Neutral = new(StringComparer.Ordinal)
    {
        ["add_cross_attention"] = false,
        ["alibi"] = false,
        ["attention_bias"] = false,
        ["attention_multiplier"] = 1,
        ["attn_output_gate"] = false,
        ["attention_out_bias"] = false,
        ["attn_logit_softcapping"] = "null",
        ["attn_logit_softcap"] = "null",
        ["attn_logits_soft_cap"] = "null",
        ["attn_soft_cap"] = "null",
        ["attn_temperature_tuning"] = false,
        ["chunk_size_feed_forward"] = 0,
        ["clip_qkv"] = "null",
        ["cross_attention_hidden_size"] = "null",
        ["diff_attention"] = false,
        ["embedding_multiplier"] = 1,
        ["embedding_scale"] = 1,
        ["final_logit_softcapping"] = "null",
        ["full_attn_mod"] = 1,
        ["hidden_activation"] = "silu",
        ["interpolate_factor"] = 1,
        ["is_causal"] = true,
        ["is_encoder_decoder"] = false,
        ["key_multiplier"] = 1,
        ["layer_norm_type"] = "rms",
        ["layer_types"] = "full_attention",
        ["lm_head_bias"] = false,
        ["lm_head_multiplier"] = 1,
        ["logit_scale"] = 1,
        ["logits_scaling"] = 1,
        ["mlp_bias"] = false,
        ["moe_intermediate_size"] = "null",
        ["moe_layers"] = "null",
        ["mup_base_width"] = "null",
        ["n_routed_experts"] = 0,
        ["n_shared_experts"] = 0,
        ["no_rope_layer_interval"] = 0,
        ["no_rope_layers"] = 1,
        ["norm_after"] = false,
        ["num_experts"] = 0,
        ["num_local_experts"] = 0,
        ["o_bias"] = false,
        ["parallel_attn"] = false,
        ["position_embedding_type"] = "rope",
        ["pruned_heads"] = "{}",
        ["qk_layernorm"] = false,
        ["qk_norm"] = false,
        ["qkv_bias"] = false,
        ["query_pre_attn_scalar"] = "null",
        ["residual_multiplier"] = 1,
        ["rms_norm_add_unit_offset"] = false,
        ["rope_interleaved"] = false,
        ["rope_local_base_freq"] = "null",
        ["rotary_dim"] = "null",
        ["rotary_emb_base"] = "null",
        ["rotary_pct"] = 1,
        ["scale_depth"] = "null",
        ["scale_emb"] = 1,
        ["sliding_window_pattern"] = "null",
        ["softcap"] = "null",
        ["text_config"] = "null",
        ["tie_encoder_decoder"] = false,
        ["use_alibi"] = false,
        ["use_bias"] = false,
        ["use_bidirectional_attention"] = false,
        ["use_mrope"] = false,
        ["use_parallel_residual"] = false,
        ["use_qk_norm"] = false,
        ["use_qkv_bias"] = false,
        ["vision_config"] = "null",
        ["word_embed_proj_dim"] = "null",
    };

    // What changes no log-probability: dropout, names, tokens, defaults of generating and training, how hosts compute.
    static readonly HashSet<string> Harmless = new(StringComparer.Ordinal)
    {
        "_attn_implementation", "_attn_implementation_autoset", "_name_or_path", "architectures", "attention_dropout",
        "attn_implementation", "attn_pdrop", "auto_map", "bad_words_ids", "begin_suppress_tokens", "bos_token_id",
        "cache_implementation", "cls_token_id", "decoder_start_token_id", "diversity_penalty", "do_sample", "dropout", "dtype",
        "early_stopping", "embd_pdrop", "embedding_dropout", "encoder_no_repeat_ngram_size", "eos_token_id",
        "exponential_decay_length_penalty", "finetuning_task", "flash_attention", "forced_bos_token_id", "forced_eos_token_id",
        "gradient_checkpointing", "hidden_dropout", "hidden_dropout_prob", "id2label", "initializer_range", "is_decoder",
        "is_llama_config", "keys_to_ignore_at_inference", "label2id", "length_penalty", "max_length", "min_length", "mlp_dropout",
        "model_max_length", "model_type", "n_ctx", "name_or_path", "neftune_noise_alpha", "no_repeat_ngram_size", "num_beam_groups",
        "num_beams", "num_labels", "num_return_sequences", "original_max_position_embeddings", "output_attentions",
        "output_hidden_states", "output_router_logits", "output_scores", "pad_token_id", "prefix", "pretraining_tp", "problem_type",
        "quantization_config", "remove_invalid_values", "reorder_and_upcast_attn", "repetition_penalty", "resid_attn_dropout",
        "resid_mlp_dropout", "resid_pdrop", "residual_dropout", "return_dict", "return_dict_in_generate", "rope_parameters",
        "rope_scaling", "sep_token_id", "summary_activation", "summary_first_dropout", "summary_proj_to_labels", "summary_type",
        "summary_use_proj", "suppress_tokens", "task_specific_params", "temperature", "tf_legacy_loss", "tokenizer_class", "top_k",
        "top_p", "torch_dtype", "torchscript", "transformers.js_config", "transformers_version", "typical_p", "unk_token_id",
        "unsloth_fixed", "unsloth_version", "use_bfloat16", "use_cache", "use_flash_attn", "use_return_dict",
    };

    // What a family's own implementation does not read, whatever other families make of it.
    static readonly Dictionary<string, string[]> IgnoredBy = new(StringComparer.Ordinal)
    {
        ["gemma2"] = ["hidden_act", "sliding_window_pattern", "_sliding_window_pattern"],
        ["gemma3_text"] = ["hidden_act"],
        ["granite"] = ["sliding_window", "use_sliding_window", "max_window_layers"],
        ["llama"] = ["sliding_window", "use_sliding_window", "max_window_layers"],
        ["mistral"] = ["use_sliding_window", "max_window_layers"],
        ["olmo2"] = ["sliding_window", "use_sliding_window", "max_window_layers"],
        ["phi3"] = ["use_sliding_window", "max_window_layers"],
        ["qwen2"] = ["attention_bias", "sliding_window", "max_window_layers", "layer_types"],
        ["qwen3"] = ["sliding_window", "max_window_layers", "layer_types"],
        ["smollm3"] = ["sliding_window", "max_window_layers"],
    };

    /// <summary>Notes for the reader, none or one.</summary>
    /// <param name="json">The configuration, of which the family has read what it honours.</param>
    /// <param name="family">Its <c>model_type</c>.</param>
    /// <exception cref="NotSupportedException">A field would change numbers.</exception>
    public static IEnumerable<string> Check(ConfigFile json, string family)
    {
        var ignored = IgnoredBy.GetValueOrDefault(family, []);
        var unknown = new List<string>();
        foreach (var field in json.Unread.ToList())
        {
            if (ignored.Contains(field) || Harmless.Contains(field) || json.Value(field) is not { } value)
            {
                continue;
            }

            if (!Neutral.TryGetValue(field, out var neutral))
            {
                unknown.Add(field);
            }
            else if (!IsNeutral(value, neutral))
            {
                throw new NotSupportedException($"{json.Path}: {field} is {value.GetRawText()}. "
                    + $"A model_type of {family} is built with {Text(neutral)} only; another value would change its numbers.");
            }
        }

        return unknown.Count == 0 ? [] : [$"{ModelFolder.ConfigName} has fields that nothing reads: {string.Join(", ", unknown)}"];
    }

    static bool IsNeutral(JsonElement value, object neutral) => value.ValueKind == JsonValueKind.Array
        ? value.EnumerateArray().All(element => IsNeutral(element, neutral))
        : neutral switch
        {
            bool flag => value.ValueKind == (flag ? JsonValueKind.True : JsonValueKind.False),
            int number => value.ValueKind == JsonValueKind.Number && value.GetDouble() == number,
            _ => value.ValueKind == JsonValueKind.String ? value.ValueEquals((string)neutral) : value.GetRawText() == (string)neutral,
        };

    static string Text(object neutral) => neutral switch
    {
        bool flag => flag ? "true" : "false",
        _ => $"{neutral}",
    };
}
