namespace OrtDpo.Adapters.Tests;

/// <summary>
/// Which modules are adapted: PEFT's rules as its documentation states them (the arguments of <c>LoraConfig</c>), on modules as
/// transformers names them.
/// </summary>
public sealed class LoraTargetsTests
{
    [Theory]
    // Names: the whole path, or its end after a dot.
    [InlineData("llama", "q_proj", "0.self_attn.q_proj 1.self_attn.q_proj")]
    [InlineData("llama", "v_proj q_proj", "0.self_attn.q_proj 0.self_attn.v_proj 1.self_attn.q_proj 1.self_attn.v_proj")]
    [InlineData("llama", "self_attn.q_proj mlp.up_proj", "0.self_attn.q_proj 0.mlp.up_proj 1.self_attn.q_proj 1.mlp.up_proj")]
    [InlineData("llama", "model.layers.1.mlp.down_proj", "1.mlp.down_proj")]
    [InlineData("llama", "1.mlp.down_proj", "1.mlp.down_proj")]
    [InlineData("llama", "model.layers.0.mlp.up_proj q_proj", "0.self_attn.q_proj 0.mlp.up_proj 1.self_attn.q_proj")]
    [InlineData("llama", "lm_head", "lm_head")]
    [InlineData("llama", "q_proj q_proj", "0.self_attn.q_proj 1.self_attn.q_proj")]
    [InlineData("gpt2", "c_attn", "0.attn.c_attn 1.attn.c_attn")]
    [InlineData("gpt2", "c_proj", "0.attn.c_proj 0.mlp.c_proj 1.attn.c_proj 1.mlp.c_proj")]
    [InlineData("gpt2", "mlp.c_proj", "0.mlp.c_proj 1.mlp.c_proj")]
    [InlineData("phi3", "qkv_proj", "0.self_attn.qkv_proj 1.self_attn.qkv_proj")]
    [InlineData("phi3", "gate_up_proj lm_head", "0.mlp.gate_up_proj 1.mlp.gate_up_proj lm_head")]
    // Expressions: the whole path.
    [InlineData("llama", @"re:.*\.q_proj", "0.self_attn.q_proj 1.self_attn.q_proj")]
    [InlineData("llama", @"re:.*self_attn\.(q|v)_proj$", "0.self_attn.q_proj 0.self_attn.v_proj 1.self_attn.q_proj 1.self_attn.v_proj")]
    [InlineData("llama", @"re:model\.layers\.1\.mlp\..*", "1.mlp.gate_proj 1.mlp.up_proj 1.mlp.down_proj")]
    [InlineData("llama", @"re:(?!.*mlp).*\.o_proj", "0.self_attn.o_proj 1.self_attn.o_proj")]
    [InlineData("llama", @"re:^model\.layers\.(?:0)\.mlp\.(?:gate|up)_proj\Z", "0.mlp.gate_proj 0.mlp.up_proj")]
    [InlineData("llama", @"re:lm_head|.*\.down_proj", "0.mlp.down_proj 1.mlp.down_proj lm_head")]
    [InlineData("llama", @"re:(?P<stem>.*)\.(?P<kind>q|k)_proj", "0.self_attn.q_proj 0.self_attn.k_proj 1.self_attn.q_proj "
        + "1.self_attn.k_proj")]
    [InlineData("gpt2", @"re:transformer\.h\.\d\.attn\.c_(attn|proj)", "0.attn.c_attn 0.attn.c_proj 1.attn.c_attn 1.attn.c_proj")]
    [InlineData("phi3", @"re:.*\.0\..*_proj", "0.self_attn.o_proj 0.self_attn.qkv_proj 0.mlp.gate_up_proj 0.mlp.down_proj")]
    // All linear modules but the output layer, Conv1D among them.
    [InlineData("llama", "all-linear", "0.self_attn.q_proj 0.self_attn.k_proj 0.self_attn.v_proj 0.self_attn.o_proj 0.mlp.gate_proj "
        + "0.mlp.up_proj 0.mlp.down_proj 1.self_attn.q_proj 1.self_attn.k_proj 1.self_attn.v_proj 1.self_attn.o_proj 1.mlp.gate_proj "
        + "1.mlp.up_proj 1.mlp.down_proj")]
    [InlineData("gpt2", "all-linear", "0.attn.c_attn 0.attn.c_proj 0.mlp.c_fc 0.mlp.c_proj 1.attn.c_attn 1.attn.c_proj 1.mlp.c_fc "
        + "1.mlp.c_proj")]
    [InlineData("phi3", "all-linear", "0.self_attn.o_proj 0.self_attn.qkv_proj 0.mlp.gate_up_proj 0.mlp.down_proj "
        + "1.self_attn.o_proj 1.self_attn.qkv_proj 1.mlp.gate_up_proj 1.mlp.down_proj")]
    public void Targets_are_matched_as_PEFT_matches_them(string model, string targets, string expected) =>
        Assert.Equal(expected, Short(new LoraConfig { TargetModules = Choices.Of(targets) }.On(model)));

    [Theory]
    [InlineData("q_proj v_proj", "v_proj", "0.self_attn.q_proj 1.self_attn.q_proj")]
    [InlineData("q_proj", "model.layers.0.self_attn.q_proj", "1.self_attn.q_proj")]
    [InlineData("all-linear", @"re:.*\.(self_attn|0\.mlp)\..*", "1.mlp.gate_proj 1.mlp.up_proj 1.mlp.down_proj")]
    [InlineData(@"re:.*_proj", @"re:.*(?:self_attn\.|gate_|up_).*", "0.mlp.down_proj 1.mlp.down_proj")]
    // A whole path is excluded, too.
    [InlineData("model.layers.0.mlp.up_proj q_proj", "up_proj", "0.self_attn.q_proj 1.self_attn.q_proj")]
    // An expression that also matches an embedding may exclude it.
    [InlineData(@"re:model\..*(embed_tokens|k_proj)", "embed_tokens", "0.self_attn.k_proj 1.self_attn.k_proj")]
    public void What_is_excluded_is_no_target(string targets, string exclude, string expected) =>
        Assert.Equal(
            expected, Short(new LoraConfig { TargetModules = Choices.Of(targets), ExcludeModules = Choices.Of(exclude) }.On("llama")));

    [Theory]
    [InlineData("llama", "q_proj", "1", null, "1.self_attn.q_proj")]
    [InlineData("llama", "q_proj up_proj", "0", "layers", "0.self_attn.q_proj 0.mlp.up_proj")]
    [InlineData("llama", "q_proj", "0 1", "layers", "0.self_attn.q_proj 1.self_attn.q_proj")]
    [InlineData("llama", "q_proj", "1 1", "blocks layers", "1.self_attn.q_proj")]
    [InlineData("llama", "q_proj", "0", "lay.*", "0.self_attn.q_proj")]
    [InlineData("gpt2", "c_attn", "1", "h", "1.attn.c_attn")]
    [InlineData("gpt2", "c_attn", "1", null, "1.attn.c_attn")]
    // A whole path counts wherever it lies.
    [InlineData("llama", "q_proj lm_head", "0", null, "0.self_attn.q_proj lm_head")]
    [InlineData("llama", "q_proj model.layers.1.mlp.up_proj", "0", null, "0.self_attn.q_proj 1.mlp.up_proj")]
    [InlineData("llama", "q_proj", "0 1", "h|layers", "")]
    public void Layers_are_counted_as_PEFT_counts_them(string model, string targets, string layers, string? pattern, string expected)
    {
        var config = new LoraConfig
        {
            TargetModules = Choices.Of(targets),
            LayersToTransform = Choices.Integers(layers),
            LayersPattern = pattern?.Split(' '),
        };
        if (expected.Length > 0)
        {
            Assert.Equal(expected, Short(config.On(model)));
        }
        else
        {
            Assert.Throws<InvalidDataException>(() => config.On(model));
        }
    }

    [Theory]
    // The first number is the layer's, since PEFT 0.19; the second an expert's.
    [InlineData("model.layers.1.mlp.experts.0.w1 model.layers.0.mlp.experts.1.w1", null, "model.layers.1.mlp.experts.0.w1")]
    [InlineData("model.layers.1.mlp.experts.0.w1 model.layers.0.mlp.experts.1.w1", "experts", "model.layers.0.mlp.experts.1.w1")]
    // A number needs a step before it, and that a dot.
    [InlineData("a.h.01.w1 h.1.w1", "h", "a.h.01.w1")]
    [InlineData("a.h.1.w1 a.h.10.w1 a.h.11.w1", "h", "a.h.1.w1")]
    [InlineData("a.h.1.s.0.w1 a.h.0.s.1.w1", "h", "a.h.1.s.0.w1")]
    [InlineData("top.w1 a.h.1.w1", "h", "a.h.1.w1")]
    public void The_number_of_a_layer_is_where_PEFT_looks_for_it(string paths, string? pattern, string expected)
    {
        var config = new LoraConfig
        {
            TargetModules = Choices.Of("w1"),
            LayersToTransform = [1],
            LayersPattern = pattern?.Split(' '),
        };
        Assert.Equal(expected, LoraTargets.Resolve(config, KnownModels.Paths(paths), []).Names());
    }

    [Theory]
    [InlineData("lm_head", "lm_head")]
    [InlineData("embed_tokens lm_head", "lm_head model.embed_tokens")]
    [InlineData("model.norm", "model.norm")]
    // The end of the text, not of a step.
    [InlineData("head", "lm_head")]
    [InlineData("0.input_layernorm", "model.layers.0.input_layernorm")]
    [InlineData("norm", "model.layers.0.input_layernorm model.layers.0.post_attention_layernorm model.layers.1.input_layernorm "
        + "model.layers.1.post_attention_layernorm model.norm")]
    // What lies below is saved with it.
    [InlineData("1.mlp", "model.layers.1.mlp.gate_proj model.layers.1.mlp.up_proj model.layers.1.mlp.down_proj")]
    public void Modules_to_save_are_found_as_PEFT_finds_them(string entries, string expected)
    {
        var targets = new LoraConfig { TargetModules = Choices.Of("q_proj"), ModulesToSave = entries.Split(' ') }.On("llama");
        Assert.Equal(expected, string.Join(' ', targets.SavedModules));
    }

    [Theory]
    [InlineData(8, 16, false, 2)]
    [InlineData(16, 16, false, 1)]
    [InlineData(16, 32, true, 8)]
    [InlineData(64, 16, true, 2)]
    [InlineData(3, 1, false, 1.0 / 3)]
    [InlineData(8, 0, false, 0)]
    [InlineData(4, -2, false, -0.5)]
    public void The_scale_is_alpha_over_the_rank_or_its_root(int rank, double alpha, bool rsLora, double scale)
    {
        var config = new LoraConfig { TargetModules = Choices.Of("q_proj"), Rank = rank, Alpha = alpha, UseRsLora = rsLora };
        Assert.All(config.On("llama").Targets, target => Assert.Equal((rank, alpha, scale), (target.Rank, target.Alpha, target.Scale)));
    }

    [Fact]
    public void A_rank_above_the_widths_is_allowed() =>
        Assert.Equal(1000, new LoraConfig { TargetModules = Choices.Of("k_proj"), Rank = 1000 }.On("llama").Targets[0].Rank);

    [Fact]
    public void The_parameters_of_a_target_have_PEFTs_names()
    {
        var target = new LoraConfig { TargetModules = Choices.Of("lm_head") }.On("llama").Targets[0];
        Assert.Equal(("lm_head.lora_A.weight", "lm_head.lora_B.weight"), (target.NameOfA, target.NameOfB));
    }

    static string Short(LoraTargets targets) => targets.Names().Replace("model.layers.", "", StringComparison.Ordinal)
        .Replace("transformer.h.", "", StringComparison.Ordinal);
}
