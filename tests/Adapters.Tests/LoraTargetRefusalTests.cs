namespace OrtDpo.Adapters.Tests;

/// <summary>What does not fit a model, in whole sentences.</summary>
public sealed class LoraTargetRefusalTests
{
    const string LlamaLinears = "The model's linear modules end in q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj, lm_head.";

    [Theory]
    [InlineData("llama", "query", "`TargetModules` names 'query', and no module of the model is called so. " + LlamaLinears)]
    [InlineData("llama", "q_proj w1 w2", "`TargetModules` names 'w1', 'w2', and no module of the model is called so. " + LlamaLinears)]
    [InlineData("llama", "_proj", "`TargetModules` names '_proj', and no module of the model is called so. " + LlamaLinears)]
    [InlineData("llama", "self_attn", "`TargetModules` names 'self_attn', and no module of the model is called so. " + LlamaLinears)]
    [InlineData("gpt2", "q_proj", "`TargetModules` names 'q_proj', and no module of the model is called so. "
        + "The model's linear modules end in c_attn, c_proj, c_fc, lm_head.")]
    [InlineData("phi3", "q_proj k_proj v_proj o_proj", "`TargetModules` names 'q_proj', 'k_proj', 'v_proj', and no module of the model is "
        + "called so. The model's linear modules end in o_proj, qkv_proj, gate_up_proj, down_proj, lm_head.")]
    [InlineData("llama", "re:q_proj", "`TargetModules` is the regular expression 'q_proj', and no module of the model matches it from "
        + "beginning to end. " + LlamaLinears)]
    [InlineData("llama", "re:.*q_proj(", "`TargetModules` is the regular expression '.*q_proj(', which does not compile: Invalid pattern "
        + "'.*q_proj(' at offset 9. Not enough )'s. Correct the expression.")]
    public void A_target_that_the_model_does_not_have_is_refused(string model, string targets, string message)
    {
        var error = Assert.Throws<InvalidDataException>(() => new LoraConfig { TargetModules = Choices.Of(targets) }.On(model));
        Assert.Equal(message, error.Message);
    }

    [Theory]
    [InlineData("embed_tokens", "'model.embed_tokens'")]
    [InlineData("q_proj embed_tokens", "'model.embed_tokens'")]
    [InlineData(@"re:model\.(norm|embed_tokens)", "'model.embed_tokens', 'model.norm'")]
    [InlineData(@"re:model\.layers\.0\..*", "'model.layers.0.input_layernorm', 'model.layers.0.post_attention_layernorm'")]
    public void Targets_that_are_not_linear_are_refused(string targets, string named)
    {
        var error = Assert.Throws<NotSupportedException>(() => new LoraConfig { TargetModules = Choices.Of(targets) }.On("llama"));
        Assert.Equal($"`TargetModules` chooses {named}, which is no linear module: adapters of embeddings, norms and the like are not "
            + "built. Choose linear modules only, or exclude the rest.", error.Message);
    }

    [Fact]
    public void An_exclusion_that_excludes_nothing_is_refused()
    {
        Refuses(
            new() { TargetModules = Choices.Of("q_proj"), ExcludeModules = Choices.Of("vision_tower") },
            "`ExcludeModules` names 'vision_tower', and no module of the model is called so: it would exclude nothing. " + LlamaLinears);
        Refuses(
            new() { TargetModules = Choices.Of("q_proj"), ExcludeModules = Choices.Of("re:.*vision.*") },
            "`ExcludeModules` is the regular expression '.*vision.*', which excludes nothing: no module of the model matches it from "
                + "beginning to end. Correct or remove it.");
        Refuses(
            new() { TargetModules = Choices.Of("q_proj"), ExcludeModules = Choices.Of("re:*") },
            "`ExcludeModules` is the regular expression '*', which does not compile: Invalid pattern '*' at offset 1. Quantifier "
            + "'*' following nothing. Correct the expression.");
    }

    [Fact]
    public void Nothing_left_after_exclusion_is_refused() =>
        Refuses(
            new() { TargetModules = Choices.Of("q_proj"), ExcludeModules = Choices.Of("re:.*self_attn.*") },
            "`ExcludeModules` leaves out every module that the targets choose: 'model.layers.0.self_attn.q_proj', "
            + "'model.layers.1.self_attn.q_proj'. Choose others, or leave out less.");

    [Fact]
    public void Layers_beyond_the_models_are_refused()
    {
        Refuses(
            new() { TargetModules = Choices.Of("q_proj"), LayersToTransform = [0, 2, 7] },
            "`LayersToTransform` names 2, 7, and the model's layers are 0 to 1. Choose among those, or use the model that the adapter was "
            + "made for.");
        Refuses(
            new() { TargetModules = Choices.Of("q_proj"), LayersToTransform = [-1], LayersPattern = ["layers"] },
            "`LayersToTransform` names -1, and the model's layers are 0 to 1. Choose among those, or use the model that the adapter was "
                + "made for.");
        Refuses(
            new() { TargetModules = Choices.Of("q_proj"), LayersToTransform = [0], LayersPattern = ["h", "blocks"] },
            "`LayersToTransform` chooses layers, and no module of the model has a layer's number after 'h' or 'blocks' in its path. Set "
            + "`LayersPattern` to what stands before the number.");
    }

    [Fact]
    public void Layers_without_names_of_targets_are_refused()
    {
        foreach (var targets in new[] { "all-linear", "re:.*q_proj" })
        {
            Refuses(
                new() { TargetModules = Choices.Of(targets), LayersToTransform = [0] },
                "`LayersToTransform` chooses layers, which needs target modules as a list of names. Write the layers into the regular "
                + "expression, or list the names.");
        }
    }

    [Fact]
    public void A_pattern_of_layers_without_layers_is_refused() =>
        Refuses(
            new() { TargetModules = Choices.Of("q_proj"), LayersPattern = ["layers"] },
            "`LayersPattern` says where layers are counted, and no layers are chosen. Choose some, or remove it.");

    [Fact]
    public void A_target_that_is_saved_whole_is_refused()
    {
        const string Rest = " whole, which is adapted, too. Take the module out of one of the two.";
        Refuses(
            new() { TargetModules = Choices.Of("q_proj lm_head"), ModulesToSave = ["lm_head"] }, "`ModulesToSave` saves 'lm_head'" + Rest);
        Refuses(
            new() { TargetModules = ModuleChoice.AllLinear, ModulesToSave = ["1.self_attn.o_proj", "norm"] },
            "`ModulesToSave` saves 'model.layers.1.self_attn.o_proj'" + Rest);
        Refuses(
            new() { TargetModules = Choices.Of("up_proj"), ModulesToSave = ["mlp"] },
            "`ModulesToSave` saves 'model.layers.0.mlp.up_proj', 'model.layers.1.mlp.up_proj'" + Rest);
    }

    [Fact]
    public void A_module_to_save_that_the_model_does_not_have_is_refused() =>
        Refuses(
            new() { TargetModules = Choices.Of("c_attn"), ModulesToSave = ["lm_head", "classifier"] },
            "`ModulesToSave` names 'classifier', and no module of the model ends so. Its modules end in c_attn, c_proj, c_fc, lm_head, "
                + "wte, wpe, ln_1, ln_2, ln_f.",
            model: "gpt2");

    [Fact]
    public void A_model_of_one_linear_module_has_no_all_linear()
    {
        var error = Assert.Throws<InvalidDataException>(() => LoraTargets.Resolve(
            new() { TargetModules = ModuleChoice.AllLinear }, [new LinearModule("lm_head", 4, 4, IsHead: true)], []));
        Assert.Equal("`TargetModules` is all-linear, and the model has no linear module but its output layer.", error.Message);
    }

    [Fact]
    public void No_targets_are_refused() =>
        Refuses(new() { TargetModules = new ModuleChoice.Names([]) }, "`TargetModules` is empty. " + LlamaLinears);

    [Fact]
    public void An_expression_that_never_ends_is_refused()
    {
        var name = new string('a', 60) + "!";
        var error = Assert.Throws<InvalidDataException>(() => LoraTargets.Resolve(
            new() { TargetModules = Choices.Of(@"re:((a+)+)+\d") }, [new LinearModule(name, 4, 4)], []));
        Assert.Equal(@"`TargetModules` is the regular expression '((a+)+)+\d', which takes more than 2 s on '" + name
            + "'. Write it without repetitions inside of repetitions.", error.Message);
    }

    [Fact]
    public void Long_lists_are_cut()
    {
        var error = Assert.Throws<InvalidDataException>(() => LoraTargets.Resolve(
            new() { TargetModules = Choices.Of("z") }, [.. Enumerable.Range(0, 20).Select(i => new LinearModule($"m.w{i}", 4, 4))], []));
        Assert.Equal("`TargetModules` names 'z', and no module of the model is called so. The model's linear modules end in w0, w1, w2, "
            + "w3, w4, w5, w6, w7, w8, w9, w10, w11 and 8 more.", error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void A_rank_below_one_is_refused(int rank)
    {
        Assert.Throws<ArgumentOutOfRangeException>("Rank", () => new LoraConfig { TargetModules = ModuleChoice.AllLinear, Rank = rank });
        Assert.Throws<ArgumentOutOfRangeException>(
            "RankPattern", () => new LoraConfig { TargetModules = ModuleChoice.AllLinear, RankPattern = [new("q_proj", rank)] });
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void An_alpha_that_is_not_finite_is_refused(double alpha)
    {
        Assert.Throws<ArgumentOutOfRangeException>("Alpha", () => new LoraConfig { TargetModules = ModuleChoice.AllLinear, Alpha = alpha });
        Assert.Throws<ArgumentOutOfRangeException>(
            "AlphaPattern", () => new LoraConfig { TargetModules = ModuleChoice.AllLinear, AlphaPattern = [new("q_proj", alpha)] });
    }

    [Fact]
    public void All_linear_excludes_nothing() =>
        Assert.Throws<ArgumentException>(
            "ExcludeModules", () => new LoraConfig { TargetModules = Choices.Of("q_proj"), ExcludeModules = ModuleChoice.AllLinear });

    static void Refuses(LoraConfig config, string message, string model = "llama")
    {
        var error = Assert.Throws<InvalidDataException>(() => config.On(model));
        Assert.Equal(message, error.Message);
    }
}
