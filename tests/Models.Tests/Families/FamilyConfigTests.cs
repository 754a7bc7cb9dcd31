using OrtDpo.Models.Decoders;
using OrtDpo.Models.Families;

namespace OrtDpo.Models.Tests.Families;

/// <summary>What each family honours, refuses, passes over and notes of its <c>config.json</c>.</summary>
public sealed class FamilyConfigTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public static TheoryData<string> Names => [.. ModelFamilies.Names.Except(["gpt2"])];

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("gemma2", "\"hidden_activation\":\"gelu\"", "hidden_activation is 'gelu'. Only 'gelu_pytorch_tanh' is supported.")]
    [InlineData("gemma2", "\"use_bidirectional_attention\":true",
        "use_bidirectional_attention is true. A model_type of gemma2 is built with false only")]
    [InlineData("gemma3_text", "\"attn_logit_softcapping\":50.0",
        "attn_logit_softcapping is 50.0. A model_type of gemma3_text is built with null only")]
    [InlineData("gemma3_text", "\"layer_types\":[\"full_attention\",\"chunked_attention\"]", "layer_types has 'chunked_attention'.")]
    [InlineData("gpt2", "\"qk_layernorm\":true", "qk_layernorm is true. A model_type of gpt2 is built with false only")]
    [InlineData("granite", "\"num_local_experts\":8", "num_local_experts is 8. A model_type of granite is built with 0 only")]
    [InlineData("llama", "\"logit_scale\":0.0625", "logit_scale is 0.0625. A model_type of llama is built with 1 only")]
    [InlineData("llama", "\"use_qk_norm\":true", "use_qk_norm is true. A model_type of llama is built with false only")]
    [InlineData("llama", "\"hidden_activation\":\"gelu\"", "hidden_activation is \"gelu\". A model_type of llama is built with silu only")]
    [InlineData("mistral", "\"mlp_bias\":true", "mlp_bias is true. A model_type of mistral is built with false only")]
    [InlineData("olmo2", "\"clip_qkv\":8.0", "clip_qkv is 8.0. A model_type of olmo2 is built with null only")]
    [InlineData("phi3", "\"attention_bias\":true", "attention_bias is true. A model_type of phi3 is built with false only")]
    [InlineData("qwen2", "\"num_experts\":60", "num_experts is 60. A model_type of qwen2 is built with 0 only")]
    [InlineData("qwen3", "\"hidden_act\":\"gelu\"", "hidden_act is 'gelu'. Only 'silu' is supported.")]
    [InlineData("smollm3", "\"partial_rotary_factor\":0.5", "partial_rotary_factor is 0.5. Only 1 is supported.")]
    [InlineData("llama", "\"layer_types\":[\"full_attention\",\"sliding_attention\"]",
        "A model_type of llama is built with full_attention only")]
    [InlineData("llama", "\"rope_scaling\":{\"rope_type\":\"linear\",\"factor\":2.0,\"mrope_section\":[1,1]}",
        "rope_scaling: mrope_section is [1,1]. A rope_type of linear is built without it.")]
    [InlineData("phi3", "\"rope_scaling\":{\"type\":\"longrope\",\"short_factor\":[1,1],\"long_factor\":[2,2],\"short_mscale\":1.2}",
        "rope_scaling: short_mscale is 1.2. A rope_type of longrope is built without it.")]
    [InlineData("gemma3_text", "\"rope_parameters\":{\"full_attention\":{},\"factor\":2.0}", "rope_parameters: factor is 2.0. Expected")]
    public void A_field_that_would_change_numbers_and_is_not_honoured_is_refused_by_name(string family, string fields, string message)
    {
        var error = Assert.Throws<NotSupportedException>(() => Read(family, fields));
        Assert.Contains("config.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("phi3", "\"rope_scaling\":{\"type\":\"longrope\",\"short_factor\":[1],\"long_factor\":[2,2]}",
        "short_factor has 1 entries. Expected 2, one for each rotary pair.")]
    [InlineData("phi3", "\"partial_rotary_factor\":0.75", "partial_rotary_factor is 0.75, of head_dim 4.")]
    [InlineData("smollm3", "\"no_rope_layers\":[1]", "no_rope_layers is [1]. Expected a list of 0 and 1, one for each of 2 layers.")]
    [InlineData("granite", "\"residual_multiplier\":0", "residual_multiplier is 0. Expected a positive number.")]
    [InlineData("llama", "\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":2,\"beta_fast\":1,\"beta_slow\":1}", "beta_fast is 1.")]
    [InlineData("llama", "\"rope_scaling\":{\"type\":\"linear\",\"factor\":2},\"rope_parameters\":{\"rope_type\":\"default\"}",
        "rope_parameters and rope_scaling are there, and differ.")]
    public void A_value_that_no_such_model_has_is_refused(string family, string fields, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Read(family, fields)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("gemma2", "\"query_pre_attn_scalar\":144")]
    [InlineData("gemma2", "\"attn_logit_softcapping\":null")]
    [InlineData("gemma2", "\"final_logit_softcapping\":20.0")]
    [InlineData("gemma2", "\"layer_types\":[\"full_attention\",\"sliding_attention\"]")]
    [InlineData("gemma2", "\"hidden_size\":18")]
    [InlineData("gemma3_text", "\"final_logit_softcapping\":20.0")]
    [InlineData("gemma3_text", "\"rope_local_base_freq\":20000.0")]
    [InlineData("gemma3_text", "\"sliding_window_pattern\":2")]
    [InlineData("gemma3_text", "\"sliding_window\":7")]
    [InlineData("gemma3_text", "\"rope_scaling\":{\"rope_type\":\"linear\",\"factor\":8.0}")]
    [InlineData("granite", "\"attention_multiplier\":0.5")]
    [InlineData("granite", "\"embedding_multiplier\":12")]
    [InlineData("granite", "\"logits_scaling\":8")]
    [InlineData("granite", "\"residual_multiplier\":0.22")]
    [InlineData("phi3", "\"partial_rotary_factor\":0.5")]
    [InlineData("phi3", "\"sliding_window\":7")]
    [InlineData("phi3", "\"rope_scaling\":{\"type\":\"su\",\"short_factor\":[1,1],\"long_factor\":[2,2]}")]
    [InlineData("qwen3", "\"use_sliding_window\":true,\"sliding_window\":7,\"max_window_layers\":1")]
    [InlineData("smollm3", "\"no_rope_layers\":[1,0]")]
    [InlineData("smollm3", "\"no_rope_layer_interval\":2")]
    [InlineData("llama", "\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":2}")]
    public void What_changes_numbers_changes_the_canonical_text(string family, string fields) =>
        Assert.NotEqual(Read(family).Canonical(), Read(family, fields).Canonical());

    [Fact]
    public void Numbers_of_yarn_and_longrope_change_the_canonical_text()
    {
        const string Yarn = "\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":2.0,\"original_max_position_embeddings\":32";
        const string Long = "\"original_max_position_embeddings\":32,\"rope_scaling\":{\"rope_type\":\"longrope\",\"short_factor\":[1,2]";
        string[] fields =
        [
            Yarn + "}", Yarn + ",\"beta_fast\":16}", Yarn + ",\"beta_slow\":2}", Yarn + ",\"attention_factor\":1.5}",
            Yarn + ",\"mscale\":2.0,\"mscale_all_dim\":1.0}", Yarn + ",\"truncate\":false}",
            Long + ",\"long_factor\":[2,2]}", Long + ",\"long_factor\":[2,3]}", Long + ",\"long_factor\":[2,2],\"attention_factor\":1.5}",
        ];
        Assert.Distinct(fields.Select(f => Read("llama", f).Canonical()));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_changes_no_number_passes_in_silence(string family)
    {
        const string Fields = """
            "architectures":["X"],"attention_dropout":0.1,"auto_map":{},"bos_token_id":1,"dtype":"bfloat16","eos_token_id":[1,2],
            "initializer_range":0.02,"pad_token_id":0,"pretraining_tp":1,"rope_scaling":null,"torch_dtype":"bfloat16",
            "transformers_version":"4.57.1","use_cache":true,"num_experts":0,"_name_or_path":""
            """;
        var changed = Read(family, Fields);
        Assert.Empty(changed.Notes);
        Assert.Equal(Read(family).Canonical(), changed.Canonical());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Fields_that_nobody_knows_are_named_in_one_note(string family)
    {
        var note = Assert.Single(Read(family, "\"favourite_colour\":\"blue\",\"flavour\":3").Notes);
        Assert.Equal("config.json has fields that nothing reads: favourite_colour, flavour", note);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Both_spellings_of_rotary_positions_are_the_same_model(string family)
    {
        var old = Read(family, "\"rope_theta\":5000.0,\"rope_scaling\":{\"type\":\"linear\",\"factor\":4.0}");
        // gemma3 has an object for each kind of layer; elsewhere there is one.
        const string Whole = "{\"rope_theta\":5000.0,\"rope_type\":\"linear\",\"factor\":4.0}";
        var parameters = family == "gemma3_text"
            ? "{\"full_attention\":" + Whole + ",\"sliding_attention\":{\"rope_theta\":10000.0,\"rope_type\":\"default\"}}"
            : Whole;
        Assert.Equal(old.Canonical(), Read(family, "\"rope_parameters\":" + parameters).Canonical());
        Assert.NotEqual(Read(family).Canonical(), old.Canonical());
    }

    /// <summary>What the published models say beside their sizes.</summary>
    [Theory]
    [InlineData("gemma2", "\"attn_logit_softcapping\":50.0,\"cache_implementation\":\"hybrid\",\"final_logit_softcapping\":30.0,"
        + "\"head_dim\":256,\"hidden_act\":\"gelu_pytorch_tanh\",\"hidden_activation\":\"gelu_pytorch_tanh\",\"query_pre_attn_scalar\":256,"
        + "\"rope_theta\":10000.0,\"sliding_window\":4096,\"attention_bias\":false,\"attention_dropout\":0.0")]
    [InlineData("gemma3_text", "\"attn_logit_softcapping\":null,\"cache_implementation\":\"hybrid\",\"final_logit_softcapping\":null,"
        + "\"head_dim\":256,\"hidden_activation\":\"gelu_pytorch_tanh\",\"query_pre_attn_scalar\":256,\"rope_local_base_freq\":10000,"
        + "\"rope_scaling\":null,\"rope_theta\":1000000,\"sliding_window\":512,\"sliding_window_pattern\":6,\"attention_bias\":false")]
    [InlineData("gemma3_text", "\"_sliding_window_pattern\":6,\"use_bidirectional_attention\":false,\"query_pre_attn_scalar\":256,"
        + "\"layer_types\":[\"sliding_attention\",\"full_attention\"],\"rope_local_base_freq\":10000.0,\"sliding_window\":512")]
    [InlineData("granite", "\"attention_bias\":false,\"attention_multiplier\":0.015625,\"embedding_multiplier\":12.0,"
        + "\"hidden_act\":\"silu\",\"logits_scaling\":8.0,\"mlp_bias\":false,"
        + "\"residual_multiplier\":0.22,\"rope_scaling\":null,\"rope_theta\":5000000.0")]
    [InlineData("llama", "\"attention_bias\":false,\"mlp_bias\":false,\"pretraining_tp\":1,\"rope_theta\":500000.0,\"rope_scaling\":"
        + "{\"factor\":32.0,\"high_freq_factor\":4.0,\"low_freq_factor\":1.0,\"original_max_position_embeddings\":8192,"
        + "\"rope_type\":\"llama3\"}")]
    [InlineData("llama", "\"is_llama_config\":true,\"rope_interleaved\":false,\"rope_scaling\":null,\"rope_theta\":100000,"
        + "\"transformers.js_config\":{\"dtype\":\"q4\"}")]
    [InlineData("mistral", "\"sliding_window\":null,\"rope_theta\":1000000.0,\"attention_dropout\":0.0,\"head_dim\":128")]
    [InlineData("olmo2", "\"attention_bias\":false,\"rope_scaling\":null,\"rope_theta\":500000,\"hidden_act\":\"silu\"")]
    [InlineData("phi3", "\"attention_bias\":false,\"embd_pdrop\":0.0,\"full_attn_mod\":1,\"interpolate_factor\":1,\"lm_head_bias\":false,"
        + "\"mlp_bias\":false,\"original_max_position_embeddings\":32,\"partial_rotary_factor\":0.5,\"resid_pdrop\":0.0,\"rope_scaling\":"
        + "{\"long_factor\":[1],\"short_factor\":[1],\"type\":\"longrope\"},\"sliding_window\":262144,\"tie_word_embeddings\":true")]
    [InlineData("qwen2", "\"max_window_layers\":28,\"sliding_window\":32768,\"use_mrope\":false,\"use_sliding_window\":false,"
        + "\"rope_scaling\":{\"factor\":4.0,\"original_max_position_embeddings\":32768,\"type\":\"yarn\"}")]
    [InlineData("qwen3", "\"attention_bias\":false,\"head_dim\":128,\"max_window_layers\":36,\"rope_scaling\":null,\"sliding_window\":null,"
        + "\"use_sliding_window\":false,\"rope_theta\":1000000")]
    [InlineData("smollm3", "\"attention_bias\":false,\"layer_types\":[\"full_attention\",\"full_attention\"],\"max_window_layers\":28,"
        + "\"mlp_bias\":false,\"no_rope_layer_interval\":4,\"no_rope_layers\":[1,1],\"pretraining_tp\":2,\"rope_scaling\":null,"
        + "\"sliding_window\":null,\"use_sliding_window\":false")]
    public void What_published_models_say_is_read(string family, string fields) => Assert.Empty(Read(family, fields).Notes);

    DecoderModel Read(string family, string fields = "")
    {
        var common = family == "gpt2"
            ? "\"n_embd\":16,\"n_layer\":2,\"n_head\":4,\"vocab_size\":40,\"n_positions\":64"
            : "\"hidden_size\":16,\"intermediate_size\":24,\"num_hidden_layers\":2,\"num_attention_heads\":4,\"num_key_value_heads\":2,"
                + "\"vocab_size\":40,\"max_position_embeddings\":64,\"rms_norm_eps\":1e-6,\"head_dim\":4";
        // The last of two equal names wins in JSON documents, so appending overrides.
        folder.Write("config.json", $"{{\"model_type\":\"{family}\",{common}{(fields.Length > 0 ? "," : "")}{fields}}}");
        return ModelFamilies.Read(folder.Path);
    }
}
