namespace OrtDpo.Adapters.Tests;

/// <summary>Whether a file is the adapter that its configuration describes, of the base at hand.</summary>
public sealed class AdapterCheckTests : IDisposable
{
    const string Q0 = "model.layers.0.self_attn.q_proj";
    const string Q1 = "model.layers.1.self_attn.q_proj";
    const string Again = "The two files belong to different adapters: get the folder again.";
    const string Merge = " which is not built here. Merge the adapter into its base with PEFT (merge_and_unload), and use the merged "
        + "model.";

    static readonly LoraConfig Config = new() { TargetModules = Choices.Of("q_proj"), Rank = 2, BaseModelNameOrPath = "some/base" };

    readonly AdapterFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("F32")]
    [InlineData("F16")]
    [InlineData("BF16")]
    public void A_whole_adapter_passes(string dtype) => Check(Config, dtype, Whole());

    [Fact]
    public void Ranks_are_those_of_the_patterns() => Check(
        Config with { RankPattern = [new("0.self_attn.q_proj", 5)] }, "F32",
        [($"{Q0}.lora_A.weight", [5, 8]), ($"{Q0}.lora_B.weight", [8, 5]), .. Whole()[2..]]);

    [Fact]
    public void Modules_that_are_saved_whole_pass() => Check(
        Config with { ModulesToSave = ["lm_head", "embed_tokens", "norm"] }, "BF16",
        [
            .. Whole(), ("lm_head.weight", [20, 8]), ("model.embed_tokens.weight", [20, 8]), ("model.norm.weight", [8]),
            .. Enumerable.Range(0, 2).SelectMany(layer => new (string, long[])[]
            {
                ($"model.layers.{layer}.input_layernorm.weight", [8]), ($"model.layers.{layer}.post_attention_layernorm.weight", [8]),
            }),
        ]);

    [Fact]
    public void A_missing_tensor_is_named() => Refuses(
        Config, Whole()[..3],
        $" lacks the tensor '{Q1}.lora_B.weight', though target_modules of adapter_config.json chooses its module. Get the adapter's "
            + "folder again.");

    [Fact]
    public void A_missing_module_is_named() => Refuses(
        Config with { ModulesToSave = ["lm_head"] }, Whole(),
        " lacks the tensor 'lm_head.weight', though modules_to_save of adapter_config.json names its module. Get the adapter's folder "
            + "again.");

    [Fact]
    public void Another_rank_is_refused() => Refuses(
        Config, [($"{Q0}.lora_A.weight", [4, 8]), ($"{Q0}.lora_B.weight", [8, 4]), .. Whole()[2..]],
        $": the adapter of '{Q0}' has rank 4, and adapter_config.json says 2. {Again}");

    [Fact]
    public void Ranks_that_differ_are_refused() => Refuses(
        Config, [($"{Q0}.lora_A.weight", [2, 8]), ($"{Q0}.lora_B.weight", [8, 4]), .. Whole()[2..]],
        $": tensors '{Q0}.lora_A.weight' [2, 8] and '{Q0}.lora_B.weight' [8, 4] have different ranks; expected [rank, in] and [out, rank]. "
            + "Get the file again.");

    [Theory]
    [InlineData(16, 8)]
    [InlineData(8, 16)]
    [InlineData(16, 16)]
    public void Another_base_is_refused(long inFeatures, long outFeatures) => Refuses(
        Config, [($"{Q0}.lora_A.weight", [2, inFeatures]), ($"{Q0}.lora_B.weight", [outFeatures, 2]), .. Whole()[2..]],
        $": the adapter of '{Q0}' is for {inFeatures} to {outFeatures} features, and the base has 8 to 8 there. The adapter was made for "
        + "'some/base': use that base.");

    [Fact]
    public void A_base_that_nobody_wrote_down_is_another_base() => Refuses(
        Config with { BaseModelNameOrPath = null }, [($"{Q0}.lora_A.weight", [2, 4]), ($"{Q0}.lora_B.weight", [8, 2]), .. Whole()[2..]],
        $": the adapter of '{Q0}' is for 4 to 8 features, and the base has 8 to 8 there. The adapter was made for another base: use that "
            + "base.");

    [Fact]
    public void A_base_of_fewer_layers_is_refused() => Refuses(
        Config, [.. Whole(), ("model.layers.2.self_attn.q_proj.lora_A.weight", [2, 8])],
        ": tensor 'model.layers.2.self_attn.q_proj.lora_A.weight' is of a module that the base does not have. The adapter was made for "
        + "'some/base': use that base.");

    [Fact]
    public void A_module_that_is_no_target_is_refused() => Refuses(
        Config, [.. Whole(), ("model.layers.1.self_attn.k_proj.lora_B.weight", [4, 2])],
        $": tensor 'model.layers.1.self_attn.k_proj.lora_B.weight' is of a module that adapter_config.json does not choose. {Again}");

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_tensor_of_other_dimensions_is_refused(int dimensions)
    {
        long[] shape = dimensions == 1 ? [16] : [2, 8, 1];
        Refuses(
            Config, [($"{Q0}.lora_A.weight", shape), .. Whole()[1..]],
            $": tensor '{Q0}.lora_A.weight' has the shape [{string.Join(", ", shape)}]; expected two dimensions, since its module is "
                + "linear. Get the file again.");
    }

    [Theory]
    [InlineData("model.embed_tokens.lora_embedding_A", "an adapter of an embedding")]
    [InlineData("model.embed_tokens.lora_embedding_B", "an adapter of an embedding")]
    [InlineData($"{Q0}.lora_magnitude_vector", "DoRA's magnitudes")]
    [InlineData($"{Q0}.lora_B.bias", "a bias of LoRA (lora_bias)")]
    [InlineData($"{Q0}.lora_diag", "KaSA's singular values")]
    [InlineData("model.embed_tokens.token_adapter.trainable_tokens_delta", "rows of single tokens (trainable_token_indices)")]
    [InlineData($"{Q0}.bias", "a bias of the base that was trained (bias)")]
    [InlineData($"{Q0}.base_layer.bias", "a bias of the base that was trained (bias)")]
    [InlineData("model.embed_tokens.base_layer.weight", "an adapted embedding's own weights (save_embedding_layers)")]
    public void Other_kinds_of_tensors_are_named(string name, string kind)
    {
        using var file = folder.Open("F32", [.. Whole(), (name, [8])]);
        var error = Assert.Throws<NotSupportedException>(() => file.Check(Config, Config.On("llama"), KnownModels.LlamaShapes()));
        Assert.Equal($"{folder.TensorsPath}: tensor '{name}' is {kind},{Merge}", error.Message);
    }

    [Fact]
    public void An_adapters_name_in_a_tensors_is_refused() => Refuses(
        Config, [.. Whole(), ($"{Q0}.lora_A.default.weight", [2, 8])],
        $": tensor '{Q0}.lora_A.default.weight' has an adapter's name in its own, which PEFT takes out when it saves. Save the adapter "
            + "with PEFT's save_pretrained.");

    [Theory]
    [InlineData("lm_head.weight")]
    [InlineData("model.embed_tokens.weight")]
    [InlineData("lm_head.modules_to_save.default.weight")]
    public void A_module_that_is_not_to_be_saved_is_refused(string name) => Refuses(
        Config, [.. Whole(), (name, [20, 8])],
        $": tensor '{name}' is of a module that modules_to_save of adapter_config.json does not name; PEFT saves such embeddings where the "
        + "vocabulary grew. Name the module there, or save with save_embedding_layers=False.");

    [Fact]
    public void A_saved_module_of_another_shape_is_refused() => Refuses(
        Config with { ModulesToSave = ["lm_head"] }, [.. Whole(), ("lm_head.weight", [24, 8])],
        ": tensor 'lm_head.weight' has the shape [24, 8], and the base's [20, 8]. The adapter was made for 'some/base': use that base.");

    [Fact]
    public void A_parameter_that_a_saved_module_does_not_have_is_refused() => Refuses(
        Config with { ModulesToSave = ["lm_head"] }, [.. Whole(), ("lm_head.bias", [20]), ("lm_head.weight", [20, 8])],
        ": tensor 'lm_head.bias' is no parameter of the base. The adapter was made for 'some/base': use that base.");

    [Fact]
    public void A_head_that_shares_its_weights_is_not_saved_alone()
    {
        var config = Config with { ModulesToSave = ["lm_head"] };
        var shapes = KnownModels.LlamaShapes();
        shapes.Remove("lm_head.weight");
        using var file = folder.Open("F32", [.. Whole(), ("lm_head.weight", [20, 8])]);
        var error = Assert.Throws<NotSupportedException>(() => file.Check(config, config.On("llama"), shapes));
        Assert.Equal($"{folder.TensorsPath}: the adapter saves 'lm_head' whole, and the base has no parameters of its own there, but "
            + "shares another module's. Merge the adapter into its base with PEFT, and use the merged model.", error.Message);
    }

    [Fact]
    public void A_dtype_that_is_no_float_is_refused()
    {
        using var file = folder.Open("I8", new byte[64], Whole());
        var error = Assert.Throws<NotSupportedException>(() => file.Check(Config, Config.On("llama"), KnownModels.LlamaShapes()));
        Assert.Equal(
            $"{folder.TensorsPath}: tensor '{Q0}.lora_A.weight' is I8. Adapters are read in F32, F16 and BF16; save it in one of these.",
            error.Message);
    }

    static (string Name, long[] Shape)[] Whole() =>
    [
        ($"{Q0}.lora_A.weight", [2, 8]), ($"{Q0}.lora_B.weight", [8, 2]), ($"{Q1}.lora_A.weight", [2, 8]), ($"{Q1}.lora_B.weight", [8, 2]),
    ];

    void Check(LoraConfig config, string dtype, params (string Name, long[] Shape)[] tensors)
    {
        using var file = folder.Open(dtype, tensors);
        file.Check(config, config.On("llama"), KnownModels.LlamaShapes());
    }

    void Refuses(LoraConfig config, (string Name, long[] Shape)[] tensors, string rest)
    {
        var error = Assert.Throws<InvalidDataException>(() => Check(config, "F32", tensors));
        Assert.Equal(folder.TensorsPath + rest, error.Message);
    }
}
