using static OrtDpo.Cli.Configuration.Peers.Peer;

namespace OrtDpo.Cli.Configuration.Peers;

/// <summary>The names that other trainers have for what is not here, by the reason (docs/not-here.md).</summary>
static class PeerRefusals
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<PeerName> All { get; } =
    [
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

    static IEnumerable<PeerName> No(PeerReason reason, Peer tools, params IEnumerable<string> names) =>
        names.Select(name => new PeerName(name, tools) { WhyNot = reason });
}
