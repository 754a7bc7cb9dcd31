using OrtDpo.Safetensors.Tests;

namespace OrtDpo.Models.Tests;

/// <summary>Checkpoints whose tensors lie under another prefix than their family's.</summary>
public sealed class TensorNamesTests : IDisposable
{
    const string Llama = """
        {"model_type":"llama","hidden_size":4,"intermediate_size":6,"num_hidden_layers":2,"num_attention_heads":2,"num_key_value_heads":1,
         "vocab_size":5,"max_position_embeddings":8,"rms_norm_eps":1e-5,"tie_word_embeddings":false}
        """;

    const string Gpt2 = """{"model_type":"gpt2","n_embd":4,"n_layer":2,"n_head":2,"vocab_size":5,"n_positions":6}""";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(Llama, "model.", "", "")]
    [InlineData(Llama, "model.", "transformer.", "")]
    [InlineData(Llama, "model.", "transformer.", "transformer.")]
    [InlineData(Llama, "model.", "language_model.", "")]
    [InlineData(Llama, "model.", "language_model.model.", "language_model.")]
    [InlineData(Llama, "model.", "model.language_model.", "")]
    [InlineData(Llama, "model.", "model.model.", "model.")]
    [InlineData(Llama, "model.", "module.model.", "module.")]
    [InlineData(Llama, "model.", "_orig_mod.model.", "_orig_mod.")]
    [InlineData(Llama, "model.", "student.model.", "student.")]
    [InlineData(Llama, "model.", "base_model.model.model.", "base_model.model.")]
    [InlineData(Gpt2, "transformer.", "", "")]
    [InlineData(Gpt2, "transformer.", "model.", "")]
    [InlineData(Gpt2, "transformer.", "language_model.transformer.", "")]
    public void A_model_is_the_same_whatever_its_prefix_and_a_note_says_so(string config, string usual, string prefix, string headPrefix)
    {
        var tensors = Tensors(config);
        using var canonical = Write(tensors);
        Assert.Empty(canonical.Notes);
        var digest = ReferenceDigest.Compute(canonical);

        using var moved = Write([.. tensors.Select(t => (
            t.Name.StartsWith(usual, StringComparison.Ordinal) ? prefix + t.Name[usual.Length..] : headPrefix + t.Name, t.Shape))]);
        Assert.Equal(digest, ReferenceDigest.Compute(moved));
        Assert.Equal(canonical.Parameters, moved.Parameters);
        Assert.Equal(
            $"its tensors lie under {(prefix.Length == 0 ? "no prefix" : $"'{prefix}'")}, where {moved.Model.Family} has '{usual}'; "
            + "they are read, digested and saved under that",
            Assert.Single(moved.Notes));
    }

    [Theory]
    [InlineData("_fsdp_wrapped_module.")]
    [InlineData("_checkpoint_wrapped_module.")]
    public void A_model_is_the_same_whatever_wraps_its_parts_and_a_note_says_so(string wrapper)
    {
        var tensors = Tensors(Llama);
        using var canonical = Write(tensors);
        var digest = ReferenceDigest.Compute(canonical);

        using var wrapped = Write([.. tensors.Select(t => (
            wrapper + t.Name.Replace("layers.1.", "layers.1." + wrapper, StringComparison.Ordinal), t.Shape))]);
        Assert.Equal(digest, ReferenceDigest.Compute(wrapped));
        Assert.Equal(
            $"the names of its tensors hold '{wrapper}'; they are read, digested and saved without it", Assert.Single(wrapped.Notes));
    }

    [Fact]
    public void An_adapter_beside_its_base_is_refused_with_the_way_out()
    {
        var tensors = Tensors(Llama).Select(t => (Name: "base_model.model." + t.Name, t.Shape)).ToList();
        var error = Assert.Throws<NotSupportedException>(() =>
            Write([.. tensors, ("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", [2L, 4L])]));
        Assert.Contains("is of an adapter that is not merged into its base", error.Message, StringComparison.Ordinal);
        Assert.Contains("merge_and_unload()", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_differ_in_a_wrapper_alone_are_none_that_is_meant() => Assert.Contains(
        "tensor 'model.embed_tokens.weight' is missing",
        Refusal([.. Tensors(Llama).SelectMany(t => ((string, long[])[])[
            ("actor." + t.Name, t.Shape), ("actor._orig_mod." + t.Name, t.Shape)])]),
        StringComparison.Ordinal);

    [Fact]
    public void Two_whole_bodies_under_prefixes_of_their_own_are_none_that_is_meant()
    {
        var tensors = Tensors(Llama);
        Assert.Contains(
            "tensor 'model.embed_tokens.weight' is missing",
            Refusal([.. tensors.Select(t => ("actor." + t.Name, t.Shape)), .. tensors.Select(t => ("critic." + t.Name, t.Shape))]),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Shards_under_another_prefix_are_one_model()
    {
        var tensors = Tensors(Llama).Select(t => (Name: t.Name.Replace("model.", "", StringComparison.Ordinal), t.Shape)).ToArray();
        folder.Write("model-1.safetensors", HandMadeSafetensors.Model("F32", tensors[..4]));
        folder.Write("model-2.safetensors", HandMadeSafetensors.Model("F32", tensors[4..], before: tensors[..4]));
        var map = tensors.Select((t, i) => $"\"{t.Name}\":\"model-{(i < 4 ? 1 : 2)}.safetensors\"");
        folder.Write("model.safetensors.index.json", $$"""{"weight_map":{ {{string.Join(',', map)}} } }""");
        using var model = ModelFolder.Open(folder.Path);
        Assert.EndsWith("model-2.safetensors", model.FileOf("model.norm.weight"), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_under_two_prefixes_are_refused_with_one_of_each()
    {
        var tensors = Tensors(Llama);
        Assert.Equal(
            $"{folder.Path}: 'model.embed_tokens.weight' lies under 'model.' and 'layers.1.input_layernorm.weight' under no prefix. "
            + "Expected all tensors of a model under one prefix. Fetch or save it again.",
            Refusal([.. tensors.Select(t => (t.Name.Replace("model.layers.1", "layers.1", StringComparison.Ordinal), t.Shape))]));
    }

    [Theory]
    [InlineData("model.norm.weight", "norm.weight")]
    [InlineData("model.embed_tokens.weight", "language_model.model.embed_tokens.weight")]
    [InlineData("lm_head.weight", "model.lm_head.weight")]
    public void A_parameter_under_two_names_is_refused_with_both(string name, string other)
    {
        var tensors = Tensors(Llama);
        var shape = tensors.Single(t => t.Name == name).Shape;
        Assert.Equal(
            $"{folder.Path}: '{name}' and '{other}' are the same parameter. Expected it once.", Refusal([.. tensors, (other, shape)]));
    }

    [Fact]
    public void A_tensor_too_many_is_named_as_the_file_has_it()
    {
        var tensors = Tensors(Llama).Select(t => (t.Name.Replace("model.", "", StringComparison.Ordinal), t.Shape));
        Assert.Contains(
            "tensor 'layers.2.norm.weight' [4] is no parameter", Refusal([.. tensors, ("layers.2.norm.weight", [4])]),
            StringComparison.Ordinal);
    }

    (string Name, long[] Shape)[] Tensors(string config)
    {
        folder.Write("config.json", config);
        return [.. ModelFolder.ModelOf(folder.Path).Parameters.Select(p => (p.Name, p.Shape))];
    }

    string Refusal((string, long[])[] tensors) => Assert.Throws<InvalidDataException>(() => Write(tensors)).Message;

    ModelFolder Write((string, long[])[] tensors)
    {
        folder.Write("model.safetensors", HandMadeSafetensors.Model("F32", tensors));
        return ModelFolder.Open(folder.Path);
    }
}
