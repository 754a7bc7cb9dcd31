using OrtDpo.Models.Decoders;
using OrtDpo.Models.Families;

namespace OrtDpo.Models.Tests.Families;

/// <summary>Models whose numbers depend on how long a run's sequences may be.</summary>
public sealed class MaxLengthTests : IDisposable
{
    const string LongRope = "\"original_max_position_embeddings\":16,\"rope_scaling\":{\"rope_type\":\"longrope\","
        + "\"short_factor\":[1,2],\"long_factor\":[4,8]}";
    const string Dynamic = "\"rope_scaling\":{\"rope_type\":\"dynamic\",\"factor\":4.0}";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // Frequencies 1 and 1/100 without stretching, at position 1.
    [Theory]
    [InlineData(16, 1.0, 0.01 / 2)]
    [InlineData(17, 1.0 / 4, 0.01 / 8)]
    [InlineData(64, 1.0 / 4, 0.01 / 8)]
    public void Longrope_takes_the_factors_of_the_longest_sequence(int maxLength, double first, double second)
    {
        // √(1 + ln(64 / 16) / ln 16) = √1.5, whichever list it is.
        var sines = Model(LongRope).For(maxLength).Tables().Single(t => t.Name == "rope_sin").Values;
        AssertClose(Math.Sqrt(1.5) * Math.Sin(first), sines[2], relative: Tolerances.Float64Function);
        AssertClose(Math.Sqrt(1.5) * Math.Sin(second), sines[3], relative: Tolerances.Float64Function);
    }

    [Fact]
    public void The_choice_is_part_of_the_canonical_text()
    {
        var model = Model(LongRope);
        Assert.Equal(model.For(64).Canonical(), model.Canonical());
        Assert.Equal(model.For(1).Canonical(), model.For(16).Canonical());
        Assert.NotEqual(model.For(16).Canonical(), model.For(17).Canonical());
        Assert.Same(model, model.For(17));
        Assert.Contains("rotary=LongRope,short,", model.For(16).Canonical(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(Dynamic)]
    [InlineData("\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":2.0}")]
    public void Other_models_are_the_same_for_any_length(string fields)
    {
        var model = Model(fields);
        Assert.Same(model, model.For(1));
    }

    [Fact]
    public void Dynamic_is_plain_within_the_original_positions_and_refused_beyond()
    {
        Assert.Equal(Model("").Canonical(), Model(Dynamic).Canonical());
        Assert.Equal(64, MaxLengthChoice.Of(Model(Dynamic), asked: 64).MaxLength);
        Assert.Equal(
            "`MaxLength` is 65, and beyond 64 positions rope_type dynamic changes every frequency with the length of a batch. "
            + "Give at most 64.",
            Assert.Throws<InvalidDataException>(() => MaxLengthChoice.Of(Model(Dynamic), asked: 65)).Message);
        Assert.Equal(64, MaxLengthChoice.Of(Model(Dynamic), asked: null).MaxLength);
        var original = Dynamic[..^1] + ",\"original_max_position_embeddings\":32}";
        Assert.Equal(32, Model(original).Sizes.MaxPositions);
    }

    [Fact]
    public void A_number_of_positions_is_refused_as_before() => Assert.Equal(
        "`MaxLength` is 65, and the model has 64 positions. Give at most 64.",
        Assert.Throws<InvalidDataException>(() => MaxLengthChoice.Of(Model(""), asked: 65)).Message);

    DecoderModel Model(string fields)
    {
        folder.Write("config.json", "{\"model_type\":\"llama\",\"hidden_size\":16,\"intermediate_size\":24,\"num_hidden_layers\":2,"
            + "\"num_attention_heads\":4,\"vocab_size\":40,\"max_position_embeddings\":64,\"rms_norm_eps\":1e-6"
            + (fields.Length > 0 ? "," : "") + fields + "}");
        return ModelFamilies.Read(folder.Path);
    }
}
