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

        .. PeerRefusals.All,
    ];

    static readonly Dictionary<string, PeerName> ByName = All.ToDictionary(peer => peer.Name, StringComparer.Ordinal);

    /// <summary>What a name is; null where nobody has it.</summary>
    /// <param name="name">As a key, or as an option with or without the dashes before it.</param>
    public static PeerName? Find(string name) => ByName.GetValueOrDefault(RecipeKeys.Of(name));

    static PeerName Is(string name, Peer tools, string ours, Func<PeerSetting, string?>? says = null) =>
        new(name, tools) { Ours = ours, Says = says ?? (_ => null) };

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
