namespace OrtDpo.Tokenizers.Tests;

/// <summary>Ids and decoded text, held against Hugging Face's own library.</summary>
public sealed class TokenizerGoldenTests
{
    public static TheoryData<string> Variants => new(TinyTokenizers.VariantNames);

    [Theory]
    [MemberData(nameof(Variants))]
    public void A_small_tokenizer_of_each_kind_gives_the_same_ids(string variant) =>
        TokenizerGolden.OfVariant(variant).Check(TinyTokenizers.LoadVariant(variant));

    [Theory]
    [InlineData("gpt2", "tokenizers/gpt2")]
    [InlineData("llama2", "tokenizers/llama2")]
    [InlineData("phi-3-mini", "tokenizers/phi-3-mini")]
    [InlineData("stories260K", "stories260K")]
    public void A_published_tokenizer_gives_the_same_ids(string golden, string folder) =>
        TokenizerGolden.Of(golden).Check(ModelTokenizer.Load(SharedData.Folder(folder)));

    [Fact]
    public void A_sentencepiece_file_gives_the_same_ids_as_the_json_made_from_it()
    {
        using var folder = new TemporaryFolder();
        var source = SharedData.Folder("stories260K");
        foreach (var name in new[] { "tokenizer.model", "tokenizer_config.json" })
        {
            File.Copy(Path.Combine(source, name), folder.File(name));
        }

        TokenizerGolden.Of("stories260K").Check(ModelTokenizer.Load(folder.Path));
    }

    // The ids that SentencePiece itself gives.
    [Fact]
    public void The_first_sentence_of_a_story_has_its_known_ids() => Assert.Equal(
        [1, 403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426],
        ModelTokenizer.Load(SharedData.Folder("stories260K")).Encode("Once upon a time, there was a little girl named Lily."));
}
