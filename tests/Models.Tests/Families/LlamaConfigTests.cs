using OrtDpo.Models.Families;

namespace OrtDpo.Models.Tests.Families;

public sealed class LlamaConfigTests : IDisposable
{
    const string Minimal = """
        {"model_type":"llama","hidden_size":64,"intermediate_size":172,"num_hidden_layers":5,"num_attention_heads":8,
         "vocab_size":512,"max_position_embeddings":512,"rms_norm_eps":1e-05}
        """;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Absent_fields_take_the_values_of_hugging_face()
    {
        var config = Read(Minimal);
        Assert.Equal(8, config.NumKeyValueHeads);
        Assert.Equal(8, config.HeadDim);
        Assert.Equal(10_000, config.Rotary.Theta);
        Assert.False(config.TieWordEmbeddings);
        Assert.Null(config.BosTokenId);
        Assert.Empty(config.EosTokenIds);
    }

    [Theory]
    [InlineData("""
        "eos_token_id":[2,7],"bos_token_id":1
        """)]
    public void Token_ids_may_be_one_or_several(string fields)
    {
        var config = Read(With(fields));
        Assert.Equal([2, 7], config.EosTokenIds);
        Assert.Equal(1, config.BosTokenId);
    }

    [Theory]
    [InlineData("\"rope_theta\":500000.0,\"rope_scaling\":{\"rope_type\":\"llama3\",\"factor\":8.0,\"low_freq_factor\":1.0,"
        + "\"high_freq_factor\":4.0,\"original_max_position_embeddings\":8192}")]
    [InlineData("\"rope_parameters\":{\"rope_theta\":500000.0,\"rope_type\":\"llama3\",\"factor\":8.0,\"low_freq_factor\":1.0,"
        + "\"high_freq_factor\":4.0,\"original_max_position_embeddings\":8192}")]
    public void Llama_3_stretches_long_wavelengths_only(string fields)
    {
        var frequencies = Read(With(fields + ",\"head_dim\":128")).RopeFrequencies();
        Assert.Equal(64, frequencies.Length);
        // The fastest pair turns once in 2 pi positions: far more than 4 turns within 8192, so it is left alone.
        Assert.Equal(1, frequencies[0]);
        // The slowest: 500000^(-126/128) = 2.4551e-6, a wavelength of 2.6e6 positions, so it is divided by 8.
        AssertClose(Math.Pow(500_000, -126 / 128.0) / 8, frequencies[63], relative: Tolerances.Float64Function);
        // Pair 31: 500000^(-62/128) = 1.736e-3, 8192 x that / 2 pi = 2.2636 turns, kept share (2.2636 - 1) / 3.
        var frequency = Math.Pow(500_000, -62 / 128.0);
        var kept = ((8192 * frequency / (2 * Math.PI)) - 1) / 3;
        Assert.InRange(kept, 0.1, 0.9);
        AssertClose((frequency / 8 * (1 - kept)) + (frequency * kept), frequencies[31], relative: Tolerances.Float64Function);
    }

    [Fact]
    public void Linear_scaling_divides_every_frequency()
    {
        var frequencies = Read(With("\"rope_scaling\":{\"type\":\"linear\",\"factor\":4}")).RopeFrequencies();
        AssertClose([0.25, 0.025, 0.0025, 0.00025], frequencies, relative: Tolerances.Float64Function);
    }

    [Theory]
    [InlineData("\"attention_bias\":true", true, true, false)]
    [InlineData("\"mlp_bias\":true", false, false, true)]
    [InlineData("\"model_type\":\"qwen2\",\"num_key_value_heads\":2", true, false, false)]
    [InlineData("\"model_type\":\"mistral\",\"num_key_value_heads\":2", false, false, false)]
    public void Biases_follow_from_the_family_and_its_fields(string fields, bool queryKeyValue, bool output, bool mlp)
    {
        var config = Read(With(fields));
        Assert.Equal((queryKeyValue, output, mlp), (config.QueryKeyValueBias, config.OutputBias, config.MlpBias));
    }

    [Theory]
    [InlineData("\"model_type\":\"mistral\",\"sliding_window\":4", 4, new[] { 0, 1, 2 })]
    // Hugging Face's default, 4096, where the field is absent.
    [InlineData("\"model_type\":\"mistral\",\"max_position_embeddings\":8192", 4096, new[] { 0, 1, 2 })]
    [InlineData("\"model_type\":\"mistral\",\"sliding_window\":null", int.MaxValue, new int[0])]
    [InlineData("\"model_type\":\"mistral\",\"sliding_window\":100000", int.MaxValue, new int[0])]
    [InlineData("\"model_type\":\"qwen2\",\"sliding_window\":4", int.MaxValue, new int[0])]
    [InlineData("\"model_type\":\"qwen2\",\"use_sliding_window\":true,\"sliding_window\":4,\"max_window_layers\":2", 4, new[] { 2 })]
    [InlineData("\"model_type\":\"qwen2\",\"use_sliding_window\":true,\"sliding_window\":4", int.MaxValue, new int[0])]
    [InlineData("\"model_type\":\"qwen2\",\"use_sliding_window\":true,\"sliding_window\":4,"
        + "\"layer_types\":[\"full_attention\",\"sliding_attention\",\"full_attention\"]",
        4, new[] { 1 })]
    [InlineData("\"sliding_window\":4", int.MaxValue, new int[0])]
    public void A_sliding_window_has_the_layers_that_hugging_face_gives_it(string fields, int size, int[] layers)
    {
        var sliding = Read(With("\"num_key_value_heads\":2,\"num_hidden_layers\":3," + fields)).Sliding;
        Assert.Equal(size, sliding.Size);
        Assert.Equal(layers, sliding.Layers.Order());
    }

    [Fact]
    public void A_window_changes_the_canonical_text()
    {
        const string Window = "\"model_type\":\"mistral\",\"num_key_value_heads\":2,\"sliding_window\":";
        Assert.EndsWith(
            "sliding_window=4:0,1\n", Read(With("\"num_hidden_layers\":2," + Window + "4")).Canonical(), StringComparison.Ordinal);
        Assert.DoesNotContain("sliding", Read(With(Window + "null")).Canonical(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hidden_size", "hidden_size is missing. Expected a positive integer.")]
    [InlineData("rms_norm_eps", "rms_norm_eps is missing. Expected a positive number.")]
    [InlineData("model_type", "model_type is missing. Expected a string.")]
    public void A_missing_field_is_named(string field, string message)
    {
        var text = Minimal.Replace($"\"{field}\"", "\"other\"", StringComparison.Ordinal);
        Assert.Contains("config.json: " + message, Assert.Throws<InvalidDataException>(() => Read(text)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"model_type\":\"mamba\"",
        "model_type is 'mamba'. Supported are gemma2, gemma3_text, gpt2, granite, llama, mistral, olmo2, phi3, qwen2, qwen3 and smollm3.")]
    [InlineData("\"hidden_act\":\"gelu\"", "hidden_act is 'gelu'. Only 'silu' is supported.")]
    [InlineData("\"partial_rotary_factor\":0.25", "config.json: partial_rotary_factor is 0.25. Only 1 is supported.")]
    [InlineData("\"rope_scaling\":{\"rope_type\":\"mrope\"}",
        "config.json, rope_scaling: rope_type is 'mrope'. Supported are default, linear, dynamic, llama3, yarn and longrope.")]
    [InlineData("\"rope_parameters\":{\"partial_rotary_factor\":0.5}", "partial_rotary_factor is 0.5. Only 1 is supported.")]
    public void A_variant_that_is_not_built_is_refused_by_name(string fields, string message) =>
        Assert.Contains(message, Assert.Throws<NotSupportedException>(() => Read(With(fields))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"num_key_value_heads\":3", "num_key_value_heads is 3. Expected a divisor of num_attention_heads, which is 8.")]
    [InlineData("\"head_dim\":7", "head_dim is 7. Rotary positions need an even number.")]
    [InlineData("\"num_hidden_layers\":2147483647", "num_hidden_layers is 2147483647. Expected at most 10000: get the file again.")]
    [InlineData("\"vocab_size\":\"many\"", "vocab_size is \"many\". Expected a positive integer.")]
    [InlineData("\"rms_norm_eps\":0", "rms_norm_eps is 0. Expected a positive number.")]
    [InlineData("\"tie_word_embeddings\":1", "tie_word_embeddings is 1. Expected true or false.")]
    [InlineData("\"eos_token_id\":[\"a\"]", "Expected a token id or a list of them.")]
    [InlineData("\"rope_scaling\":{\"type\":\"linear\"}", "rope_scaling: factor is missing.")]
    [InlineData("\"model_type\":\"mistral\"", "num_key_value_heads is missing.")]
    [InlineData("\"model_type\":\"qwen2\",\"num_key_value_heads\":2,\"use_sliding_window\":true,\"sliding_window\":4,"
        + "\"layer_types\":[\"full_attention\"]",
        "layer_types has 1 entries.")]
    public void A_value_that_no_llama_has_is_refused(string fields, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Read(With(fields))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    public void A_file_that_is_no_object_is_refused(string text) => Assert.Throws<InvalidDataException>(() => Read(text));

    // The last of two equal names wins in JSON documents, so appending overrides.
    static string With(string fields) => Minimal.TrimEnd()[..^1] + "," + fields + "}";

    LlamaConfig Read(string text) => LlamaConfig.Read(folder.Write("config.json", text));
}
