using OrtDpo.Models.Decoders;
using OrtDpo.Models.Families;

namespace OrtDpo.Models.Tests.Families;

public sealed class Gpt2ConfigTests : IDisposable
{
    const string Minimal = """{"model_type":"gpt2","n_embd":8,"n_layer":2,"n_head":2,"vocab_size":5,"n_positions":6}""";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Absent_fields_take_the_values_of_hugging_face()
    {
        var config = Read("");
        Assert.Equal(32, config.IntermediateSize);
        Assert.Equal(1e-5, config.LayerNormEps);
        Assert.Equal("gelu_new", config.Activation);
        Assert.True(config.ScaleAttention);
        Assert.True(config.TieWordEmbeddings);
    }

    [Fact]
    public void The_last_position_bounds_a_sequence() => Assert.Equal(6, Model("").Sizes.MaxPositions);

    [Theory]
    [InlineData("\"n_inner\":24")]
    [InlineData("\"layer_norm_epsilon\":1e-6")]
    [InlineData("\"activation_function\":\"gelu\"")]
    [InlineData("\"scale_attn_weights\":false")]
    [InlineData("\"tie_word_embeddings\":false")]
    [InlineData("\"n_head\":4")]
    public void What_changes_numbers_changes_the_canonical_text(string fields) =>
        Assert.NotEqual(Model("").Canonical(), Model(fields).Canonical());

    [Theory]
    [InlineData("\"activation_function\":\"gelu_pytorch_tanh\"")]
    [InlineData("\"reorder_and_upcast_attn\":true")]
    [InlineData("\"resid_pdrop\":0.5")]
    public void Other_names_of_the_same_numbers_do_not(string fields) => Assert.Equal(Model("").Canonical(), Model(fields).Canonical());

    [Theory]
    [InlineData("\"scale_attn_by_inverse_layer_idx\":true", "scale_attn_by_inverse_layer_idx is true. Only false is supported.")]
    [InlineData("\"add_cross_attention\":true", "add_cross_attention is true. Only false is supported.")]
    [InlineData("\"activation_function\":\"relu\"", "activation_function is 'relu'. Supported are gelu_new, gelu_pytorch_tanh, gelu.")]
    public void A_variant_that_is_not_built_is_refused_by_name(string fields, string message) =>
        Assert.Contains(message, Assert.Throws<NotSupportedException>(() => Model(fields)).Message, StringComparison.Ordinal);

    [Fact]
    public void Heads_divide_the_hidden_size() => Assert.Contains(
        "n_head is 3. Expected a divisor of n_embd, which is 8.",
        Assert.Throws<InvalidDataException>(() => Model("\"n_head\":3")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_family_that_is_not_built_is_refused_by_name() => Assert.Contains(
        "model_type is 'mamba'. Supported are gemma2, gemma3_text, gpt2, granite, llama, mistral, olmo2, phi3, qwen2, qwen3 and smollm3.",
        Assert.Throws<NotSupportedException>(() => Model("\"model_type\":\"mamba\"")).Message,
        StringComparison.Ordinal);

    Gpt2Config Read(string fields) => ((Gpt2Model)Model(fields)).Config;

    DecoderModel Model(string fields)
    {
        folder.Write("config.json", fields.Length == 0 ? Minimal : Minimal[..^1] + "," + fields + "}");
        return ModelFamilies.Read(folder.Path);
    }
}
