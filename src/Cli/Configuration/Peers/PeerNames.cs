using System.Globalization;
using static OrtDpo.Cli.Configuration.Peers.Peer;

namespace OrtDpo.Cli.Configuration.Peers;

/// <summary>
/// The names that other trainers have for what is called otherwise here, or is not here. Names that mean the same in both are not in it.
/// </summary>
static class PeerNames
{
    /// <summary>Their optimizers that are one of ours.</summary>
    public static IReadOnlyDictionary<string, string> OptimizerValues { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["adamw_torch"] = "adamw", ["adamw_torch_fused"] = "adamw", ["adamw_hf"] = "adamw", ["adamw_apex_fused"] = "adamw",
        ["paged_adamw_32bit"] = "adamw", ["adamw_bnb_8bit"] = "adamw8bit", ["adamw_8bit"] = "adamw8bit",
        ["adamw_torch_8bit"] = "adamw8bit", ["paged_adamw_8bit"] = "adamw8bit",
    };

    static readonly string[] MicroNames = ["per_device_train_batch_size", "micro_batch_size"];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<PeerName> All { get; } =
    [
        // Models and adapters.
        Is("model_name_or_path", Trl | LlamaFactory, "model"),
        Is("base_model", Axolotl, "model"),
        Is("ref_model", Trl | LlamaFactory, "model", s => $"is the model of precompute: train never opens it. Write "
            + $"{s.Write("model", s.Value ?? "MODEL")} for precompute, and its cache as `ref` for train"),
        Is("ref_model_adapters", LlamaFactory, "adapter", s => $"is the adapter of precompute: write {Or(s, "adapter", "ADAPTER")} there"),
        Is("adapter_name_or_path", LlamaFactory, "adapter"),
        Is("lora_model_dir", Axolotl, "adapter"),
        Is(
            "use_peft", Trl, "lora_rank",
            s => s.IsOff ? "false is the default: leave it out" : $"is `lora_rank`: write {s.Write("lora_rank", "16")}"),
        Is("finetuning_type", LlamaFactory, "lora_rank", FinetuningType),
        Is("lora_r", Trl | Axolotl, "lora_rank"),
        Is("r", Peft, "lora_rank"),
        Is("lora_target_modules", Trl | Axolotl, "target_modules"),
        Is("lora_target", LlamaFactory, "target_modules", s => s.Value == "all" ? "all is the default, all-linear: leave it out" : null),
        Is("lora_target_linear", Axolotl, "target_modules", s => s.IsOff ? null : "is the default, all-linear: leave it out"),
        Is("lora_modules_to_save", Trl | Axolotl, "modules_to_save"),
        Is("additional_target", LlamaFactory, "modules_to_save"),
        Is("lora_rank_pattern", Axolotl, "rank_pattern"),
        Is("lora_alpha_pattern", Axolotl, "alpha_pattern"),
        Is("peft_layers_to_transform", Axolotl, "layers_to_transform"),
        Is("peft_layers_pattern", Axolotl, "layers_pattern"),
        Is("use_rslora", Trl | Peft | LlamaFactory, "rslora"),
        Is("peft_use_rslora", Axolotl, "rslora"),
        Is("load_in_4bit", Trl | Axolotl, "base", s => Switched(s, "base", "nf4")),
        Is("quantization_bit", LlamaFactory, "base", s => s.Number is null or 4
            ? $"is `base`: write {s.Write("base", "nf4")}"
            : $"is `base`, which holds a base in 4 bits or as it is stored: write {s.Write("base", "nf4")}, or leave it out"),
        Is("bnb_4bit_quant_type", Trl, "base", QuantType),
        Is("quantization_type", LlamaFactory, "base", QuantType),

        // Data.
        Is("dataset_name", Trl, "data", s => "is `data`, which takes files: write the files that the data set was saved to"),
        Is("dataset", LlamaFactory, "data", s => "is `data`, which takes files: write the files that the data set was saved to"),
        Is(
            "datasets", Trl | Axolotl, "data",
            s => "is `data`, a list of files; their forms are found by their columns, and `columns` gives others "
            + "their names"),
        Is("data_files", Trl | Axolotl, "data"),
        Is("test_datasets", Axolotl, "eval_data", s => "is `eval_data`, a list of files"),
        Is("eval_dataset", Trl | LlamaFactory, "eval_data", s => "is `eval_data`, which takes files"),
        Is("val_set_size", Axolotl, "eval_fraction", HeldOut),
        Is("val_size", LlamaFactory, "eval_fraction", HeldOut),
        Is("test_split_size", Trl, "eval_fraction", HeldOut),
        Is("max_samples", LlamaFactory, "max_rows"),
        Is("sequence_len", Axolotl, "max_length"),
        Is("cutoff_len", LlamaFactory, "max_length"),
        Is("model_max_length", LlamaFactory, "max_length"),
        Is("max_prompt_len", Axolotl, "max_prompt_length"),
        Is("interleave_probs", LlamaFactory, "weights"),
        Is("chat_template_jinja", Axolotl, "chat_template", s => "is `chat_template`, which takes a file: write the template into one"),
        Is("chat_template_path", Trl, "chat_template"),
        Is(
            "template", LlamaFactory, "chat_template",
            s => "is the model's own chat template, or `chat_template`, which takes a file of Jinja; a name "
            + "of a template is none"),
        Is("enable_thinking", LlamaFactory, "chat_template_kwargs", s =>
            "is a switch of the chat template: write "
                + s.Write("chat_template_kwargs", s.IsOff ? "{\"enable_thinking\": false}" : "{\"enable_thinking\": true}")),

        // The length of a run, and batches.
        Is("output_dir", Transformers | Axolotl | LlamaFactory, "out"),
        Is("num_train_epochs", Transformers | LlamaFactory, "epochs", Epochs),
        Is("num_epochs", Axolotl, "epochs", Epochs),
        Is("per_device_train_batch_size", Transformers | LlamaFactory, "micro_pairs", s => Batch(s, s.Number)),
        Is("micro_batch_size", Axolotl, "micro_pairs", s => Batch(s, s.Number)),
        Is("gradient_accumulation_steps", Transformers | Axolotl | LlamaFactory, "batch_pairs", Accumulation),
        Is("batch_size", Axolotl, "batch_pairs"),
        Is(
            "per_device_eval_batch_size", Transformers | LlamaFactory, "micro_pairs",
            s => "is `micro_pairs`, which counts for evaluations too; no "
            + "number depends on it"),
        Is("eval_batch_size", Axolotl, "micro_pairs", s => "is `micro_pairs`, which counts for evaluations too; no number depends on it"),
        Is("precompute_ref_batch_size", Trl, "max_length", s => "is found by precompute itself, from a budget of positions; leave it out"),
        Is("data_seed", Transformers, "seed"),
        Is("use_cpu", Transformers, "device", s => s.IsOff ? $"false is {s.Write("device", "cuda")}" : "is the default, cpu: leave it out"),
        Is("device_map", Axolotl | LlamaFactory, "device", s => $"is `device`: write {s.Write("device", "cuda")}"),
        Is("resume_from_checkpoint", Transformers | Axolotl, "resume", s => s.IsOff ? "false is the default: leave it out"
            : "is `resume`, with the run's folder as `out`"),
        Is("auto_resume_from_checkpoints", Axolotl, "resume", s => s.IsOff ? "false is the default: leave it out"
            : "is `resume`, with the run's folder as `out`"),

        // Objectives.
        Is("loss_type", Trl, "loss", Loss),
        Is("pref_loss", LlamaFactory, "loss", Loss),
        Is("dpo_loss_type", Axolotl, "loss", Loss),
        Is("rl", Axolotl, "loss", Loss),
        Is("stage", LlamaFactory, "loss", Loss),
        Is("loss_weights", Trl, "loss", s => $"is part of `loss`: write {s.Write("loss", "sigmoid:0.8,sft:1")}, each loss with its weight"),
        Is(
            "dpo_loss_weights", Axolotl, "loss",
            s => $"is part of `loss`: write {s.Write("loss", "sigmoid:0.8,sft:1")}, each loss with its weight"),
        Is(
            "rpo_alpha", Trl | Axolotl, "loss",
            s => $"is the weight of sft in `loss`: write {s.Write("loss", $"sigmoid,sft:{s.Value ?? "1"}")}"),
        Is("pref_ftx", LlamaFactory, "loss", s => s.IsOff ? "0 is the default: leave it out"
            : $"is the weight of sft_sequence in `loss`: write {s.Write("loss", $"sigmoid,sft_sequence:{s.Value ?? "1"}")}"),
        Is("pref_bco_weight", LlamaFactory, "loss", s => s.IsOff ? "0 is the default: leave it out"
            : $"is the weight of bco_pair in `loss`: write {s.Write("loss", $"sigmoid,bco_pair:{s.Value ?? "1"}")}"),
        Is(
            "cpo_alpha", Trl | Axolotl, "loss",
            s => $"is the weight of sft beside cpo in `loss`: write {s.Write("loss", $"cpo,sft:{s.Value ?? "1"}")}"),
        Is("pref_beta", LlamaFactory, "beta"),
        Is("rl_beta", Axolotl, "beta"),
        Is("dpo_beta", Axolotl, "beta"),
        Is("orpo_alpha", Axolotl, "beta"),
        Is("dpo_label_smoothing", Axolotl | LlamaFactory, "label_smoothing"),
        Is("label_smoothing_factor", Transformers, "label_smoothing", s => s.IsOff ? "0 is the default: leave it out"
            : "smooths the tokens' targets, which has no place here; `label_smoothing` is that of preference labels"),
        Is("f_divergence_type", Trl, "f_divergence"),
        Is("f_alpha_divergence_coef", Trl, "f_alpha"),
        Is("simpo_gamma", Trl | Axolotl | LlamaFactory, "gamma"),
        Is("kto_chosen_weight", LlamaFactory, "desirable_weight"),
        Is("kto_rejected_weight", LlamaFactory, "undesirable_weight"),
        Is("kto_desirable_weight", Axolotl, "desirable_weight"),
        Is("kto_undesirable_weight", Axolotl, "undesirable_weight"),
        Is(
            "precompute_ref_log_probs", Trl | Axolotl, "ref",
            s => "is always so: precompute scores the reference once, and train takes its cache as "
            + "`ref`"),

        // The optimizer, precision, memory.
        Is(
            "optim", Transformers | LlamaFactory, "optimizer",
            s => s.Value is null ? null
            : OptimizerValues.TryGetValue(s.Value, out var ours) ? $"is `optimizer`: write {s.Write("optimizer", ours)}"
            : $"{s.Value} has no place here: `optimizer` is adamw or adamw8bit"),
        Is("bf16", Transformers | Axolotl | LlamaFactory, "dtype", BFloat),
        Is("bfloat16", Axolotl, "dtype", BFloat),
        Is("pure_bf16", LlamaFactory, "dtype", s => s.IsOff ? "false is the default: leave it out"
            : $"is `dtype`: write {s.Write("dtype", "bfloat16")} on a GPU; what trains stays float32"),
        Is("torch_dtype", Trl, "dtype"),
        Is("infer_dtype", LlamaFactory, "dtype"),
        Is("float32", Axolotl, "dtype", s => s.IsOff ? null : "is the default: leave it out"),
        Is("gradient_checkpointing", Transformers | Axolotl | LlamaFactory, "memory", s => s.Value switch
        {
            null => null,
            _ when s.IsOff => $"is `memory`: write {s.Write("memory", "keep")}, or leave it out for auto",
            _ => $"is `memory`: write {s.Write("memory", "recompute")}, or leave it out for auto",
        }),
        Is("disable_gradient_checkpointing", LlamaFactory, "memory", s => s.IsOff ? "false is the default: leave it out"
            : $"is `memory`: write {s.Write("memory", "keep")}"),
        Is("selective_checkpointing", Axolotl, "memory", s => "is `memory`, whose auto keeps as many layers as fit: leave it out"),
        Is(
            "activation_offloading", Trl | Axolotl, "memory",
            s => $"is `memory`: write {s.Write("memory", "recompute")}; activations are computed "
            + "again, never copied away"),
        Is(
            "layer_offloading", Axolotl, "stream",
            s => s.IsOff ? "false is the default: leave it out" : $"is `stream`: write {s.Write("stream", "on")}"),
        Is("gpu_memory_limit", Axolotl, "gpu_memory"),

        Is("lr_scheduler", Axolotl, "lr_scheduler_type"),
        Is(
            "cosine_min_lr_ratio", Axolotl, "lr_scheduler_kwargs",
            s => $"is min_lr_rate of the schedule cosine_with_min_lr: write {s.Write("lr_scheduler_type", "cosine_with_min_lr")} and "
                + s.Write("lr_scheduler_kwargs", $"{{\"min_lr_rate\": {s.Value ?? "0.1"}}}")),
        Is(
            "generate_samples", Axolotl, "samples",
            s => s.IsOff ? "false is the default: leave it out" : $"is `samples`: write {s.Write("samples", "3")}"),
        Is("num_generation_samples", Axolotl, "samples"),
        Is("use_tensorboard", Axolotl, "tensorboard", s => s.IsOff ? $"is `tensorboard`: write {s.Write("tensorboard", "off")}"
            : "is the default: leave it out"),

        Is("use_mlflow", Axolotl, "mlflow", s => s.IsOff ? "false is the default: leave it out"
            : $"is `mlflow`: write {s.Write("mlflow", "http://localhost:5000")}, the server's address"),
        Is("mlflow_tracking_uri", Axolotl, "mlflow"),
        Is("mlflow_experiment_name", Axolotl, "mlflow_experiment"),
        Is("run_name", Transformers, "mlflow_run_name"),

        // Evaluations.
        Is("evaluation_strategy", Transformers | Axolotl, "eval_strategy"),
        Is("metric_for_best_model", Transformers | Axolotl, "metric_for_best"),
        Is("load_best_model_at_end", Transformers | Axolotl, "keep_best", s => s.IsOff ? "false is the default: leave it out"
            : $"is `keep_best`: write {s.Write("keep_best", "true")}, and take the best with checkpoint: best of export or eval"),
        Is("early_stopping_steps", LlamaFactory, "early_stopping_patience"),

        // Generating.
        Is("generation_max_new_tokens", Axolotl, "max_new_tokens"),
        Is("generation_temperature", Axolotl, "temperature"),
        Is("generation_top_p", Axolotl, "top_p"),
        Is("generation_top_k", Axolotl, "top_k"),
        Is("generation_do_sample", Axolotl, "sample"),
        Is("do_sample", LlamaFactory, "sample"),
        Is("default_system_message", Axolotl, "system"),
        Is("default_system", LlamaFactory, "system"),
        Is("export_dir", LlamaFactory, "out", s => $"is `out` of export: write {Or(s, "out", "DEPLOY")} there"),
        Is(
            "export_quantization_bit", LlamaFactory, "dtype",
            s => s.Number is 8 ? $"is `dtype` of export: write {s.Write("dtype", "int8")} there"
            : $"is `dtype` of export: write {s.Write("dtype", "int4")} there"),

        .. No(PeerReason.MovingReference, Trl | Axolotl, "sync_ref_model", "ref_model_mixup_alpha", "ref_model_sync_steps"),
        .. No(PeerReason.Weighting, Trl, "use_weighting"),
        .. No(PeerReason.Weighting, Axolotl, "dpo_use_weighting"),
        .. No(PeerReason.Trackers, Transformers | LlamaFactory, "report_to", "trackio_space_id"),
        .. No(
            PeerReason.Trackers, Axolotl, "use_wandb", "wandb_project", "wandb_entity", "wandb_name", "wandb_run_id", "wandb_mode",
            "wandb_watch",
            "wandb_log_model", "use_comet", "comet_project_name", "comet_workspace", "comet_mode", "use_trackio", "trackio_project_name",
            "trackio_run_name", "use_otel_metrics"),
        .. No(PeerReason.Trackers, LlamaFactory, "use_swanlab", "swanlab_project", "swanlab_mode", "swanlab_api_key"),
        .. No(
            PeerReason.Kernels, Transformers | Trl, "use_liger_kernel", "liger_kernel_config", "use_liger_loss", "torch_compile",
            "torch_compile_backend", "torch_compile_mode", "attn_implementation", "use_cache"),
        .. No(
            PeerReason.Kernels, Axolotl, "dpo_use_liger_kernel", "flash_attention", "sdp_attention", "xformers_attention", "flex_attention",
            "eager_attention", "sage_attention", "s2_attention", "lora_mlp_kernel", "lora_qkv_kernel", "lora_o_kernel",
            "lora_embedding_kernel", "chunked_cross_entropy", "tiled_mlp", "flash_attn_cross_entropy", "dpo_use_logits_to_keep",
            "use_kernels"),
        .. No(
            PeerReason.Kernels, LlamaFactory, "flash_attn", "enable_liger_kernel", "use_unsloth", "use_unsloth_gc", "shift_attn",
            "use_reentrant_gc"),
        .. No(PeerReason.Kernels, Transformers | Axolotl, "gradient_checkpointing_kwargs"),
        .. No(
            PeerReason.Distributed, Transformers | Axolotl | LlamaFactory, "deepspeed", "fsdp", "fsdp_config", "local_rank", "ddp_timeout",
            "ddp_backend", "ddp_find_unused_parameters", "ddp_bucket_cap_mb", "ddp_broadcast_buffers", "accelerator_config",
            "parallelism_config", "average_tokens_across_devices"),
        .. No(
            PeerReason.Distributed, Axolotl, "world_size", "ddp", "fsdp_version", "sequence_parallel_degree", "context_parallel_size",
            "tensor_parallel_size", "dp_shard_size", "dp_replicate_size", "use_ray", "max_memory", "heads_k_stride"),
        .. No(PeerReason.Distributed, LlamaFactory, "ray_num_workers", "master_addr", "master_port", "use_megatron_bridge"),
        .. No(PeerReason.Packing, Trl, "padding_free", "packing", "packing_strategy", "eval_packing", "pad_to_multiple_of"),
        .. No(
            PeerReason.Packing, Axolotl, "dpo_padding_free", "sample_packing", "eval_sample_packing", "pad_to_sequence_len",
            "sample_packing_group_size", "sample_packing_bin_size", "batch_flattening", "multipack_real_batches"),
        .. No(PeerReason.Packing, LlamaFactory, "neat_packing", "block_diag_attn"),
        .. No(PeerReason.Packing, Transformers | Axolotl, "group_by_length", "length_column_name"),
        .. No(
            PeerReason.Online, Trl | Axolotl, "generate_during_eval", "dpo_generate_during_eval", "use_vllm", "vllm", "vllm_mode",
            "reward_funcs",
            "reward_weights", "num_generations", "max_completion_length", "trl"),
        .. No(PeerReason.Streaming, Trl | Axolotl | LlamaFactory, "streaming", "dataset_streaming", "buffer_size", "mix_strategy"),
        .. No(PeerReason.Streaming, Axolotl, "pretraining_dataset", "pretrain_multipack_buffer_size", "streaming_multipack_buffer_size"),
        .. No(
            PeerReason.Vision, LlamaFactory, "freeze_vision_tower", "freeze_multi_modal_projector", "freeze_language_model",
            "image_max_pixels",
            "image_min_pixels", "video_max_pixels", "video_min_pixels", "video_fps", "media_dir"),
        .. No(PeerReason.Vision, Axolotl, "freeze_mm_modules", "processor_type", "image_size"),
        .. No(
            PeerReason.Hub, Transformers | Axolotl, "push_to_hub", "hub_model_id", "hub_strategy", "hub_token", "hub_private_repo",
            "hub_revision",
            "hf_use_auth_token", "push_dataset_to_hub"),
        .. No(
            PeerReason.Hub, Trl | Axolotl | LlamaFactory, "trust_remote_code", "model_revision", "revision_of_model", "cache_dir",
            "hf_hub_token",
            "dataset_dir", "dataset_config", "dataset_train_split", "dataset_test_split", "model_init_kwargs"),
        .. No(PeerReason.Dropout, Trl, "disable_dropout"),
        .. No(PeerReason.Dropout, Trl | Peft | Axolotl | LlamaFactory, "lora_dropout"),
        .. No(PeerReason.Dropout, LlamaFactory, "module_dropout"),
        .. No(PeerReason.Dropout, Transformers | Axolotl, "neftune_noise_alpha", "noisy_embedding_alpha"),
        .. No(
            PeerReason.Precision, Transformers | Axolotl | LlamaFactory, "fp16", "tf32", "fp8", "float16", "bf16_full_eval",
            "fp16_full_eval",
            "fp16_opt_level", "half_precision_backend"),
        .. No(PeerReason.Precision, LlamaFactory, "upcast_layernorm", "upcast_lmhead_output"),
        .. No(PeerReason.Precision, Axolotl, "fp32_norms", "embeddings_skip_upcast"),
        .. No(
            PeerReason.Quantization, Trl | Axolotl, "load_in_8bit", "use_bnb_nested_quant", "bnb_4bit_quant_storage", "bnb_config_kwargs",
            "gptq",
            "qat", "quantization", "model_quantization_config"),
        .. No(PeerReason.Quantization, LlamaFactory, "quantization_method", "double_quantization", "ref_model_quantization_bit"),
        .. No(
            PeerReason.Adapters, Trl | Peft | Axolotl | LlamaFactory, "use_dora", "peft_use_dora", "lora_bias", "init_lora_weights",
            "peft_init_lora_weights", "loftq_config", "layer_replication", "peft_layer_replication", "target_parameters",
            "lora_target_parameters", "trainable_token_indices", "peft_trainable_token_indices", "fan_in_fan_out", "lora_fan_in_fan_out",
            "lora_task_type", "task_type", "bias", "pissa_init", "relora", "oft_rank", "oft_target", "create_new_adapter", "peft",
            "lora_on_cpu"),
        .. No(
            PeerReason.Adapters, LlamaFactory, "freeze_trainable_layers", "freeze_trainable_modules", "freeze_extra_modules",
            "use_llama_pro"),
        .. No(PeerReason.Adapters, Axolotl, "unfrozen_parameters"),
        .. No(
            PeerReason.Optimizers, Transformers | Axolotl | LlamaFactory, "optim_args", "optim_target_modules", "adafactor",
            "loraplus_lr_ratio",
            "loraplus_lr_embedding", "use_galore", "use_apollo", "use_badam", "use_muon", "use_adam_mini", "embedding_lr",
            "embedding_lr_scale", "lr_groups", "adam_epsilon2", "adam_beta3", "lisa_n_layers"),
        .. No(
            PeerReason.Always, Transformers | Axolotl | LlamaFactory, "do_train", "do_eval", "do_predict", "overwrite_output_dir",
            "logging_steps", "logging_strategy", "logging_first_step", "logging_dir", "logging_nan_inf_filter", "log_level", "disable_tqdm",
            "plot_loss", "dataloader_num_workers", "dataloader_pin_memory", "dataloader_drop_last", "dataloader_prefetch_factor",
            "dataloader_persistent_workers", "remove_unused_columns", "torch_empty_cache_steps", "gc_steps", "full_determinism",
            "auto_find_batch_size", "prediction_loss_only", "eval_accumulation_steps", "include_num_input_tokens_seen",
            "include_tokens_per_second", "save_safetensors", "ignore_data_skip", "skip_memory_metrics", "label_names", "use_fast_tokenizer",
            "low_cpu_mem_usage", "strict", "debug", "save_only_model"),
        .. No(
            PeerReason.Always, Transformers | Axolotl | LlamaFactory, "save_strategy",
            "eval_on_start",
            "eval_delay", "evals_per_epoch", "saves_per_epoch"),
        .. No(
            PeerReason.Always, Trl | Axolotl | LlamaFactory, "dataset_num_proc", "dataset_processes", "preprocessing_num_workers",
            "preprocessing_batch_size", "overwrite_cache", "tokenized_path", "dataset_prepared_path", "skip_prepare_dataset",
            "dataset_keep_in_memory", "shuffle_merged_datasets", "shuffle_dataset", "disable_shuffling", "dataset_exact_deduplication"),
        .. No(
            PeerReason.Tokens, Trl | Axolotl | LlamaFactory, "truncation_mode", "excess_length_strategy", "pad_token", "eos_token",
            "padding_value", "label_pad_token_id", "special_tokens", "tokens", "add_tokens", "add_special_tokens", "resize_vocab",
            "resize_token_embeddings_to_32x", "split_special_tokens", "train_on_inputs", "train_on_prompt", "mask_history",
            "completion_only_loss", "assistant_only_loss", "dataset_text_field", "dataset_kwargs", "eot_tokens", "tokenizer_type",
            "tokenizer_config", "tool_format", "is_encoder_decoder", "rope_scaling", "model_type", "type_of_model"),
        .. No(
            PeerReason.OtherStages, Trl | Axolotl | LlamaFactory, "reward_model", "process_reward_model", "ppo_epochs", "ppo_target",
            "train_from_scratch", "mixture_of_depths"),
        .. No(
            PeerReason.Optimizers, LlamaFactory,
            "galore_target", "galore_rank", "galore_update_interval", "galore_scale", "galore_proj_type", "galore_layerwise",
            "apollo_target", "apollo_rank", "apollo_update_interval", "apollo_scale", "apollo_proj", "apollo_proj_type",
            "apollo_scale_type", "apollo_layerwise", "apollo_scale_front", "badam_mode", "badam_start_block", "badam_switch_mode",
            "badam_switch_interval", "badam_update_ratio", "badam_mask_mode", "badam_verbose"),
        .. No(
            PeerReason.Optimizers, Axolotl,
            "dion_lr", "dion_momentum", "dion_rank_fraction", "dion_rank_multiple_of", "qgalore_rank", "qgalore_update_proj_gap",
            "qgalore_scale", "qgalore_proj_type", "lisa_step_interval", "lisa_layers_attribute", "lr_quadratic_warmup",
            "cosine_constant_lr_ratio", "lr_div_factor", "jagged_restart_steps", "jagged_restart_warmup_steps",
            "jagged_restart_anneal_steps"),
        .. No(
            PeerReason.Adapters, Axolotl | LlamaFactory,
            "pissa_iter", "pissa_convert", "oft_block_size", "loftq_bits", "relora_prune_ratio", "relora_prune_method",
            "relora_cpu_offload", "peft_ensure_weight_tying", "peft_autocast_adapter_dtype"),
        .. No(
            PeerReason.Trackers, Axolotl | LlamaFactory,
            "swanlab_workspace", "swanlab_run_name", "swanlab_logdir", "comet_api_key", "comet_experiment_key", "comet_online",
            "comet_experiment_config", "hf_mlflow_log_artifacts", "otel_metrics_host", "otel_metrics_port"),
        .. No(
            PeerReason.Kernels, Axolotl | LlamaFactory,
            "flash_attn_fuse_mlp", "flash_attn_rms_norm", "flex_attn_compile_kwargs", "chunked_cross_entropy_num_chunks",
            "tiled_mlp_num_shards", "torch_compile_options", "deepcompile", "infer_backend", "use_kv_cache", "use_v1_kernels",
            "vllm_maxlen", "vllm_gpu_util", "vllm_enforce_eager", "vllm_config", "sglang_maxlen", "sglang_mem_fraction",
            "sglang_config", "use_kt"),
        .. No(
            PeerReason.Distributed, Axolotl | LlamaFactory,
            "fsdp_final_state_dict_type", "ring_attn_func", "ray_run_name", "ray_init_kwargs", "resources_per_worker", "use_mca",
            "megatron_bridge_args", "use_hyper_parallel", "dataset_shard_num", "dataset_shard_idx", "quantization_device_map",
            "offload_folder"),
        .. No(
            PeerReason.Packing, Trl | Axolotl,
            "train_sampling_strategy", "sample_packing_sequentially", "sample_packing_mp_start_method", "curriculum_sampling",
            "max_packed_sequence_len", "sample_packing_eff_est"),
        .. No(
            PeerReason.Vision, Axolotl | LlamaFactory,
            "image_do_pan_and_scan", "crop_to_patches", "video_maxlen", "use_audio_in_video", "audio_sampling_rate",
            "image_resize_algorithm", "processor_kwargs"),
        .. No(
            PeerReason.Hub, LlamaFactory,
            "ms_hub_token", "om_hub_token", "export_hub_model_id"),
        .. No(
            PeerReason.Precision, Axolotl | LlamaFactory,
            "fp8_backend", "fp8_enable_fsdp_float8_all_gather", "fp32_norm_classes", "compute_dtype"),
        .. No(
            PeerReason.Tokens, Axolotl | LlamaFactory,
            "tokenizer_use_fast", "tokenizer_legacy", "tokenizer_use_mistral_common", "tokenizer_save_jinja_files", "bos_token",
            "unk_token", "additional_special_tokens", "added_tokens_overrides", "new_special_tokens_config", "init_special_tokens",
            "mean_resizing_embeddings", "shrink_embeddings", "preserve_thinking", "ignore_pad_token_for_loss", "fix_untrained_tokens",
            "min_sample_len"),
        .. No(
            PeerReason.OtherStages, Axolotl | LlamaFactory,
            "ppo_buffer_size", "ppo_score_norm", "ppo_whiten_rewards", "reward_model_adapters", "reward_model_quantization_bit",
            "reward_model_type", "center_rewards_coefficient", "num_labels", "reinit_weights"),
        .. No(
            PeerReason.OtherLosses, Axolotl | LlamaFactory,
            "use_dft_loss", "use_asft_loss", "asft_alpha", "use_eaft_loss", "use_eaft", "eaft_alpha", "eaft_k", "dpo_norm_loss"),
        .. No(
            PeerReason.Always, Axolotl | LlamaFactory,
            "compute_accuracy", "include_effective_tokens_per_second", "include_tkps", "gc_collect_steps",
            "shuffle_before_merging_datasets", "eval_table_size", "eval_max_new_tokens", "enable_torch_profiler", "profiler_steps",
            "profiler_steps_start", "save_first_step", "print_param_status", "eval_on_each_dataset", "data_shared_file_system"),
        .. No(PeerReason.Experts, Trl | LlamaFactory, "router_aux_loss_coef", "moe_aux_loss_coef"),
    ];

    static readonly Dictionary<string, PeerName> ByName = All.ToDictionary(peer => peer.Name, StringComparer.Ordinal);

    /// <summary>What a name is; null where nobody has it.</summary>
    /// <param name="name">As a key, or as an option with or without the dashes before it.</param>
    public static PeerName? Find(string name) => ByName.GetValueOrDefault(RecipeKeys.Of(name));

    static PeerName Is(string name, Peer tools, string ours, Func<PeerSetting, string?>? says = null) =>
        new(name, tools) { Ours = ours, Says = says ?? (_ => null) };

    static IEnumerable<PeerName> No(PeerReason reason, Peer tools, params IEnumerable<string> names) =>
        names.Select(name => new PeerName(name, tools) { WhyNot = reason });

    static string Or(PeerSetting setting, string ours, string usual) => setting.Write(ours, setting.Value ?? usual);

    static string Switched(PeerSetting setting, string ours, string value) =>
        setting.IsOff ? "false is the default: leave it out" : $"is `{ours}`: write {setting.Write(ours, value)}";

    static string BFloat(PeerSetting setting) => setting.IsOff || setting.Value == "auto"
        ? $"{setting.Value} is `dtype`, which is float32 by default: leave it out"
        : $"is `dtype`: write {setting.Write("dtype", "bfloat16")} on a GPU; a processor computes in float32";

    static string? QuantType(PeerSetting setting) => setting.Value is null or "nf4" ? null
        : $"{setting.Value} has no place here: `base` takes nf4, int4 or int4-128";

    static string FinetuningType(PeerSetting setting) => setting.Value switch
    {
        "lora" or null => $"lora is `lora_rank`: write {setting.Write("lora_rank", "8")}, LLaMA-Factory's default",
        "full" => "full is the default: leave it out",
        _ => $"{setting.Value} has no place here: train all weights, or a LoRA adapter by `lora_rank`",
    };

    static string? HeldOut(PeerSetting setting) =>
        double.TryParse(setting.Value, CultureInfo.InvariantCulture, out var size) && size >= 1
            ? "counts rows; `eval_fraction` is a share of the prompts, such as 0.05, and `eval_data` takes files that are held out whole"
            : setting.IsOff ? "0 is the default: leave it out" : null;

    static string? Epochs(PeerSetting setting) => setting.Value is null || setting.Number is not null ? null
        : double.TryParse(setting.Value, CultureInfo.InvariantCulture, out var epochs) && epochs == Math.Floor(epochs)
            ? $"is `epochs`: write {setting.Write("epochs", epochs.ToString(CultureInfo.InvariantCulture))}"
            : "is `epochs`, which takes whole numbers; a part of an epoch is a number of steps, `max_steps`";

    static string? Batch(PeerSetting setting, int? micro)
    {
        if (micro is not { } pairs)
        {
            return null;
        }

        var accumulation = setting.NumberOf("gradient_accumulation_steps") ?? 1;
        return $"is `micro_pairs`: write {setting.Write("micro_pairs", Text(pairs))}, and {Steps(setting, pairs, accumulation)}";
    }

    static string? Accumulation(PeerSetting setting) => setting.Number is not { } accumulation ? null
        : setting.NumberOf(MicroNames) is { } micro
            ? $"is counted in pairs here: write {Steps(setting, micro, accumulation)}"
            : $"is `batch_pairs` / `micro_pairs`: an optimizer step has `micro_pairs` × {Text(accumulation)} pairs, written as "
                + "`batch_pairs`";

    static string Steps(PeerSetting setting, int micro, int accumulation) =>
        $"{setting.Write("batch_pairs", Text((long)micro * accumulation))} ({Text(micro)} × {Text(accumulation)}) for an optimizer step";

    static string? Loss(PeerSetting setting) => setting.Value switch
    {
        null => null,
        "dpo" => $"dpo is the verb train with {setting.Write("loss", "sigmoid")}, its default",
        "sft" => "sft is the verb sft",
        "ipo" => $"ipo is {setting.Write("loss", "ipo")}, a mean over tokens as there",
        "kto" or "kto_pair" => $"{setting.Value} is {setting.Write("loss", "kto")}, on rows of completion and label",
        "pt" or "rm" or "ppo" or "grpo" or "gdpo" or "ebft" =>
            $"{setting.Value} {PeerReason.OtherStages.Sentence}",
        _ => null,
    };

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
