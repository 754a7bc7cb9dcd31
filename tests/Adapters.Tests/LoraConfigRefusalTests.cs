namespace OrtDpo.Adapters.Tests;

/// <summary>What <c>adapter_config.json</c> may not say, in whole sentences.</summary>
public sealed class LoraConfigRefusalTests : IDisposable
{
    const string Merge = " Merge the adapter into its base with PEFT (merge_and_unload), and use the merged model.";

    readonly AdapterFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("alpha_pattern", "[]", "is []; expected an object from names to finite numbers.")]
    [InlineData("alpha_pattern", """{"q_proj":"8"}""", """is {"q_proj":"8"}; expected an object from names to finite numbers.""")]
    [InlineData("auto_mapping", "\"LlamaForCausalLM\"", "is \"LlamaForCausalLM\"; expected null, or an object with the names of the base's "
        + "class and library.")]
    [InlineData("auto_mapping", "[1]", "is [1]; expected null, or an object with the names of the base's class and library.")]
    [InlineData("base_model_name_or_path", "7", "is 7; expected text or null.")]
    [InlineData("ensure_weight_tying", "\"no\"", "is \"no\"; expected true or false.")]
    [InlineData("exclude_modules", "{}", "is {}; expected a list of names, or null.")]
    [InlineData("exclude_modules", "[\"\"]", "is [\"\"]; expected a list of names, or null.")]
    [InlineData("fan_in_fan_out", "0", "is 0; expected true or false.")]
    [InlineData("inference_mode", "1", "is 1; expected true or false.")]
    [InlineData("init_lora_weights", "1", "is 1; expected true, false or text.")]
    [InlineData("layers_pattern", "[1]", "is [1]; expected a list of names, or null.")]
    [InlineData("layers_to_transform", "\"0\"", "is \"0\"; expected an integer, a list of integers, or null.")]
    [InlineData("layers_to_transform", "[0,1.5]", "is [0,1.5]; expected an integer, a list of integers, or null.")]
    [InlineData("lora_alpha", "\"16\"", "is \"16\"; expected a finite number.")]
    [InlineData("lora_alpha", "\"nan\"", "is \"nan\"; expected a finite number.")]
    [InlineData("lora_alpha", "true", "is true; expected a finite number.")]
    [InlineData("lora_bias", "\"none\"", "is \"none\"; expected true or false.")]
    [InlineData("lora_dropout", "1.5", "is 1.5; expected a number from 0 to 1.")]
    [InlineData("lora_dropout", "-0.1", "is -0.1; expected a number from 0 to 1.")]
    [InlineData("lora_dropout", "\"0\"", "is \"0\"; expected a finite number.")]
    [InlineData("merge_weights", "0", "is 0; expected true or false.")]
    [InlineData("modules_to_save", "\"lm_head\"", "is \"lm_head\"; expected a list of names, or null.")]
    [InlineData("modules_to_save", "[null]", "is [null]; expected a list of names, or null.")]
    [InlineData("peft_type", "7", "is 7; expected text or null.")]
    [InlineData("peft_version", "0.18", "is 0.18; expected text or null.")]
    [InlineData("qalora_group_size", "\"16\"", "is \"16\"; expected an integer of at least 1.")]
    [InlineData("r", "0", "is 0; expected an integer of at least 1.")]
    [InlineData("r", "-8", "is -8; expected an integer of at least 1.")]
    [InlineData("r", "8.5", "is 8.5; expected an integer of at least 1.")]
    [InlineData("r", "\"8\"", "is \"8\"; expected an integer of at least 1.")]
    [InlineData("r", "99999999999", "is 99999999999; expected an integer of at least 1.")]
    [InlineData("rank_pattern", """{"q_proj":0}""", """is {"q_proj":0}; expected an object from names to integers of at least 1.""")]
    [InlineData("rank_pattern", "[8]", "is [8]; expected an object from names to integers of at least 1.")]
    [InlineData("revision", "{}", "is {}; expected text or null.")]
    [InlineData("target_modules", "[]", "is []; expected a list of names, a regular expression, or \"all-linear\".")]
    [InlineData("target_modules", "\"\"", "is \"\"; expected a list of names, a regular expression, or \"all-linear\".")]
    [InlineData("target_modules", "7", "is 7; expected a list of names, or null.")]
    [InlineData("target_modules", "[\"q_proj\",7]", "is [\"q_proj\",7]; expected a list of names, or null.")]
    [InlineData("task_type", "1", "is 1; expected text or null.")]
    [InlineData("use_dora", "1", "is 1; expected true or false.")]
    [InlineData("use_qalora", "\"\"", "is \"\"; expected true or false.")]
    [InlineData("use_rslora", "\"true\"", "is \"true\"; expected true or false.")]
    public void A_value_of_the_wrong_type_is_refused(string field, string value, string rest)
    {
        var error = Assert.Throws<InvalidDataException>(() => folder.ReadWith(field, value));
        Assert.Equal($"{folder.ConfigPath}: {field} {rest}", error.Message);
    }

    [Theory]
    [InlineData("alora_invocation_tokens", "[1,2]", "null")]
    [InlineData("arrow_config", """{"top_k":3}""", "null")]
    [InlineData("bias", "\"all\"", "\"none\"")]
    [InlineData("bias", "\"lora_only\"", "\"none\"")]
    [InlineData("corda_config", "{}", "null")]
    [InlineData("enable_lora", "[true,false,true]", "null")]
    [InlineData("ensure_weight_tying", "true", "false")]
    [InlineData("eva_config", """{"rho":2.0}""", "null")]
    [InlineData("kasa_config", "{}", "null")]
    [InlineData("layer_replication", "[[0,4],[2,5]]", "null")]
    [InlineData("loftq_config", """{"loftq_bits":4}""", "{}")]
    [InlineData("lora_bias", "true", "false")]
    [InlineData("lora_ga_config", "{}", "null")]
    [InlineData("megatron_config", "{}", "null")]
    [InlineData("merge_weights", "true", "false")]
    [InlineData("monteclora_config", "{}", "null")]
    [InlineData("target_parameters", "[\"mlp.experts.gate_up_proj\"]", "null")]
    [InlineData("trainable_token_indices", "[0]", "null")]
    [InlineData("use_bdlora", "{}", "null")]
    [InlineData("use_dora", "true", "false")]
    [InlineData("use_qalora", "true", "false")]
    [InlineData("velora_config", "{}", "null")]
    public void What_is_not_built_is_refused_by_its_name(string field, string value, string only)
    {
        var error = Assert.Throws<NotSupportedException>(() => folder.ReadWith(field, value));
        Assert.Equal($"{folder.ConfigPath}: {field} is {value}. Only {only} is built here.{Merge}", error.Message);
    }

    [Theory]
    [InlineData("pissa")]
    [InlineData("pissa_niter_16")]
    [InlineData("olora")]
    [InlineData("corda")]
    [InlineData("lora_ga")]
    public void An_adapter_that_changed_its_base_is_refused(string init)
    {
        var error = Assert.Throws<NotSupportedException>(() => folder.ReadWith("init_lora_weights", $"\"{init}\""));
        Assert.Equal(
            $"{folder.ConfigPath}: init_lora_weights is \"{init}\". Adapters that began as true, false or \"gaussian\" are read. The "
                + "adapter belongs to a base that it changed when it was made: save it again with PEFT's "
                + "path_initial_model_for_weight_conversion, "
            + "which makes it one of the base as it was.",
            error.Message);
    }

    [Theory]
    [InlineData("loftq")]
    [InlineData("eva")]
    [InlineData("orthogonal")]
    [InlineData("mica")]
    [InlineData("kaiming")]
    public void Other_beginnings_are_refused(string init)
    {
        var error = Assert.Throws<NotSupportedException>(() => folder.ReadWith("init_lora_weights", $"\"{init}\""));
        Assert.Equal(
            $"{folder.ConfigPath}: init_lora_weights is \"{init}\". Adapters that began as true, false or \"gaussian\" are read.{Merge}",
            error.Message);
    }

    [Theory]
    [InlineData("IA3")]
    [InlineData("ADALORA")]
    [InlineData("PROMPT_TUNING")]
    [InlineData("lora")]
    public void Other_methods_are_refused(string kind)
    {
        var error = Assert.Throws<NotSupportedException>(() => folder.ReadWith("peft_type", $"\"{kind}\""));
        Assert.Equal($"{folder.ConfigPath}: peft_type is \"{kind}\". Only LORA is built here.{Merge}", error.Message);
    }

    [Theory]
    [InlineData("SEQ_CLS")]
    [InlineData("SEQ_2_SEQ_LM")]
    [InlineData("FEATURE_EXTRACTION")]
    public void Other_tasks_are_refused(string task)
    {
        var error = Assert.Throws<NotSupportedException>(() => folder.ReadWith("task_type", $"\"{task}\""));
        Assert.Equal($"{folder.ConfigPath}: task_type is \"{task}\". Only adapters of causal language models are read: CAUSAL_LM, or null.",
            error.Message);
    }

    [Theory]
    [InlineData("use_nlora", "true")]
    [InlineData("future_config", "null")]
    public void An_unknown_field_is_refused_by_its_name(string field, string value)
    {
        var error = Assert.Throws<NotSupportedException>(() => folder.ReadWith(field, value));
        Assert.Equal($"{folder.ConfigPath}: {field} is {value}, and no such field of PEFT's LoRA is known here; it could change numbers. "
            + "Remove it if it changes none, or merge the adapter into its base with PEFT.", error.Message);
    }

    [Fact]
    public void Targets_that_PEFT_would_choose_are_refused()
    {
        var error = Assert.Throws<NotSupportedException>(() => folder.ReadWith("target_modules", "null"));
        Assert.Equal($"{folder.ConfigPath}: target_modules is null or missing, for which PEFT chooses modules by the architecture. List "
            + "the modules that the adapter has tensors of.", error.Message);
    }

    [Theory]
    [InlineData("", " is not JSON: ")]
    [InlineData("{\"peft_type\": \"LORA\", \"r\": 8,", " is not JSON at its field 'r': ")]
    [InlineData("{\"lora_alpha\": NaN, \"peft_type\": \"LORA\"}", " is not JSON at its field 'lora_alpha': 'N' is an invalid start of a "
        + "value.")]
    [InlineData("{\"peft_type\": \"LORA\", \"lora_alpha\": Infinity}", " is not JSON at its field 'lora_alpha': 'I' is an invalid start of "
        + "a value.")]
    [InlineData("{\"alpha_pattern\": {\"q\": NaN}}", " is not JSON at its field 'alpha_pattern': 'N' is an invalid start of a value.")]
    [InlineData("[]", " holds a JSON Array; expected an object of PEFT's fields. Get the file again.")]
    [InlineData("{}", ": peft_type is missing. Expected \"LORA\"; get the adapter's folder again.")]
    [InlineData("{\"peft_type\": null}", ": peft_type is missing. Expected \"LORA\"; get the adapter's folder again.")]
    [InlineData("{\"r\": 8, \"peft_type\": \"LORA\", \"r\": 16}", ": r occurs twice. Remove one of the two.")]
    [InlineData("{\"peft_type\": \"LORA\", \"target_modules\": [\"q\"], \"rank_pattern\": {\"q\": 1, \"q\": 2}}",
        ": rank_pattern has 'q' twice. Remove one of the two.")]
    [InlineData("{\"peft_type\": \"LORA\", \"target_modules\": [\"q\"], \"lora_alpha\": 1e999}", ": lora_alpha is 1e999; expected a finite "
        + "number.")]
    public void A_damaged_file_is_refused(string json, string rest)
    {
        var error = Assert.Throws<InvalidDataException>(() => folder.Read(json));
        Assert.StartsWith(folder.ConfigPath + rest, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"layers_to_transform\": [0], \"target_modules\": \".*q_proj\"", "layers_to_transform chooses layers, which needs target "
        + "modules as a list of names. Write the layers into the regular expression, or list the names.")]
    [InlineData("\"layers_to_transform\": 0, \"target_modules\": \"all-linear\"", "layers_to_transform chooses layers, which needs target "
        + "modules as a list of names. Write the layers into the regular expression, or list the names.")]
    [InlineData("\"layers_pattern\": \"h\", \"target_modules\": [\"q_proj\"]", "layers_pattern says where layers are counted, and no "
        + "layers are chosen. Choose some, or remove it.")]
    public void Fields_that_contradict_each_other_are_refused(string fields, string rest)
    {
        var error = Assert.Throws<InvalidDataException>(() => folder.Read($$"""{"peft_type": "LORA", {{fields}}}"""));
        Assert.Equal($"{folder.ConfigPath}: {rest}", error.Message);
    }

    [Theory]
    [InlineData("target_modules", "[\"w1\"]", "target_modules names 'w1', and no module")]
    [InlineData("exclude_modules", "[\"w1\"]", "exclude_modules names 'w1', and no module")]
    [InlineData("modules_to_save", "[\"w1\"]", "modules_to_save names 'w1', and no module")]
    [InlineData("layers_to_transform", "9", "layers_to_transform names 9, and the model's layers are 0 to 1.")]
    [InlineData("rank_pattern", "{\"w1\":3}", "rank_pattern has 'w1', and no module")]
    [InlineData("alpha_pattern", "{\"w1\":3}", "alpha_pattern has 'w1', and no module")]
    public void What_does_not_fit_a_model_names_the_file_and_its_field(string field, string value, string rest)
    {
        var error = Assert.Throws<InvalidDataException>(() => folder.ReadWith(field, value).On("llama"));
        Assert.StartsWith($"{folder.ConfigPath}: {rest}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_values_are_cut()
    {
        var error = Assert.Throws<NotSupportedException>(() => folder.ReadWith("eva_config", $"\"{new string('x', 100)}\""));
        Assert.Equal($"{folder.ConfigPath}: eva_config is \"{new string('x', 59)}…. Only null is built here.{Merge}", error.Message);
    }
}
