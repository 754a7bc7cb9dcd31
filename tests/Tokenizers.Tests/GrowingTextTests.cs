namespace OrtDpo.Tokenizers.Tests;

public sealed class GrowingTextTests
{
    public static TheoryData<string> Variants =>
        ["gpt2", "qwen2", "llama3", "sentencepiece", "metaspace-always", "metaspace-first", "gemma", "word-suffix"];

    [Theory]
    [MemberData(nameof(Variants))]
    public void The_parts_make_the_text_of_all_tokens(string variant)
    {
        var tokenizer = TinyTokenizers.LoadVariant(variant);

        Assert.All(TokenizerGolden.Curated.Concat(TokenizerGolden.Fuzzed.Take(300)), text =>
        {
            var ids = tokenizer.Encode(text);
            Assert.Equal(tokenizer.Decode(ids), string.Concat(Parts(tokenizer, [], ids)));
        });
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void What_follows_a_prompt_keeps_the_space_before_its_first_word(string variant)
    {
        var tokenizer = TinyTokenizers.LoadVariant(variant);
        var (prompt, whole) = (tokenizer.Encode("once there was"), tokenizer.Encode("once there was a girl 😀 you"));

        var parts = Parts(tokenizer, prompt, whole[prompt.Length..]);

        Assert.Equal(tokenizer.Decode(whole), tokenizer.Decode(prompt) + string.Concat(parts));
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("sentencepiece")]
    public void A_character_comes_whole_or_at_the_end(string variant)
    {
        var tokenizer = TinyTokenizers.LoadVariant(variant);
        var ids = tokenizer.EncodeContinuation("a𝐆я");

        Assert.DoesNotContain(Parts(tokenizer, [], ids), part => part.Contains('\uFFFD', StringComparison.Ordinal));
        // The last byte of я is missing.
        var cut = string.Concat(Parts(tokenizer, [], ids[..^1]));
        Assert.EndsWith("\uFFFD", cut, StringComparison.Ordinal);
        Assert.Equal("a𝐆", cut.TrimEnd('\uFFFD'));
    }

    // A broken character behind a whole one makes SentencePiece's decoder forget both; what was said already stays.
    [Fact]
    public void A_broken_character_does_not_take_back_the_one_before()
    {
        var tokenizer = TinyTokenizers.Load("sentencepiece");
        var broken = tokenizer.EncodeContinuation("я")[..1];

        var parts = Parts(tokenizer, tokenizer.Encode("girl я"), [.. broken, .. tokenizer.EncodeContinuation("a")]);

        Assert.EndsWith("a", string.Concat(parts), StringComparison.Ordinal);
        Assert.DoesNotContain("girl", string.Concat(parts), StringComparison.Ordinal);
    }

    static List<string> Parts(ModelTokenizer tokenizer, int[] before, IEnumerable<int> ids)
    {
        var stream = new GrowingText(tokenizer, before);
        return [.. ids.Select(stream.Add), stream.End()];
    }
}
