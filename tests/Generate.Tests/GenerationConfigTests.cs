namespace OrtDpo.Generate.Tests;

public sealed class GenerationConfigTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_not_said_is_null_and_no_file_is_null()
    {
        Assert.Null(GenerationConfig.Read(folder.Path));
        var found = Read("""{"eos_token_id": 2, "do_sample": true, "temperature": null, "transformers_version": "5.1.0"}""");
        Assert.Equal(
            (null, null, null, null, null), (found.Temperature, found.TopK, found.TopP, found.MinP, found.RepetitionPenalty));
        Assert.Equal(new(), found.Sampling);
        Assert.Empty(found.NotApplied);
    }

    /// <summary>The file of Qwen2.5's instruction models.</summary>
    [Fact]
    public void Numbers_are_read_by_their_names()
    {
        var found = Read("""
            {"bos_token_id": 151643, "pad_token_id": 151643, "do_sample": true, "eos_token_id": [151645, 151643],
             "repetition_penalty": 1.05, "temperature": 0.7, "top_p": 0.8, "top_k": 20, "transformers_version": "4.37.0"}
            """);
        Assert.Equal((0.7, 20, 0.8, null, 1.05), (found.Temperature, found.TopK, found.TopP, found.MinP, found.RepetitionPenalty));
        Assert.Equal(new() { Temperature = 0.7, TopK = 20, TopP = 0.8 }, found.Sampling);
    }

    [Fact]
    public void A_top_k_of_zero_is_none() => Assert.Null(Read("""{"top_k": 0}""").TopK);

    [Fact]
    public void What_would_change_the_text_and_is_not_applied_is_named()
    {
        var found = Read("""
            {"num_beams": 4, "no_repeat_ngram_size": 0, "typical_p": 1.0, "suppress_tokens": [1], "stop_strings": null,
             "encoder_no_repeat_ngram_size": 3, "max_length": 20}
            """);
        Assert.Equal(["num_beams", "suppress_tokens", "encoder_no_repeat_ngram_size"], found.NotApplied);
    }

    [Theory]
    [InlineData("temperature", "0", "a number above 0")]
    [InlineData("temperature", "\"warm\"", "a number above 0")]
    [InlineData("top_k", "-1", "a whole number, 0 or more")]
    [InlineData("top_k", "1.5", "a whole number, 0 or more")]
    [InlineData("top_p", "1.01", "a number between 0 and 1")]
    [InlineData("min_p", "-0.1", "a number between 0 and 1")]
    [InlineData("repetition_penalty", "0", "a number above 0")]
    public void A_number_that_cannot_be_is_refused_with_what_can(string field, string value, string expected)
    {
        var refused = Assert.Throws<InvalidDataException>(() => Read($$"""{"{{field}}": {{value}}}"""));
        Assert.Equal(
            $"{folder.File("generation_config.json")}: '{field}' is {value}; expected {expected}. "
                + "Correct the file, or leave the field out of it.",
            refused.Message);
    }

    [Theory]
    [InlineData("[1, 2]")]
    [InlineData("{\"top_k\": ")]
    public void A_file_of_something_else_is_refused(string text) => Assert.Throws<InvalidDataException>(() => Read(text));

    GenerationConfig Read(string text)
    {
        folder.Write("generation_config.json", text);
        return GenerationConfig.Read(folder.Path)!;
    }
}
