using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace OrtDpo.Tokenizers.Tests;

/// <summary>The tokenizer as one of Microsoft.ML.Tokenizers.</summary>
public sealed class TokenizerPipelineTests
{
    static readonly Gen<string> AnyText = Gen.OneOf(
        Gen.Choose(0, 0x10FFFF).Where(c => c is < 0xD800 or > 0xDFFF).Select(c => char.ConvertFromUtf32(c)),
        Gen.Choose(0x20, 0x7E).Select(c => ((char)c).ToString()),
        Gen.Elements(" ", "\n", "'s", "\r\n", "<|end|>", "0", "é", "𝐀")).ListOf().Select(string.Concat);

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama3")]
    [InlineData("gpt4o")]
    [InlineData("deepseek-coder")]
    [InlineData("deepseek-v3")]
    [InlineData("sentencepiece")]
    public void Any_text_comes_back_from_a_tokenizer_that_keeps_every_byte(string variant)
    {
        var tokenizer = TinyTokenizers.LoadVariant(variant).Tokenizer;

        Prop.ForAll(AnyText.ToArbitrary(), text => tokenizer.Decode(tokenizer.EncodeToIds(text)) == text)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(20240917, 1));
    }

    [Fact]
    public void A_lone_surrogate_is_the_replacement_character()
    {
        var tokenizer = TinyTokenizers.Load("byte-level");

        Assert.Equal(tokenizer.Encode("a\uFFFDb\uFFFD"), tokenizer.Encode("a\uDC00b\uD800"));
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("prefix-space")]
    [InlineData("added-tokens")]
    [InlineData("sentencepiece")]
    [InlineData("metaspace-always")]
    public void Offsets_cover_the_normalized_text_without_gaps(string variant)
    {
        var tokenizer = TinyTokenizers.LoadVariant(variant).Tokenizer;

        Assert.All(TokenizerGolden.Curated, text =>
        {
            var tokens = tokenizer.EncodeToTokens(text, out var normalized);
            var at = 0;
            foreach (var token in tokens)
            {
                // A token that begins inside a character begins where the character does.
                Assert.InRange(token.Offset.Start.Value, Math.Max(0, at - 1), at);
                at = token.Offset.End.Value;
            }

            Assert.Equal(normalized!.Length, at);
            Assert.Equal(tokenizer.EncodeToIds(text), tokens.Select(t => t.Id));
        });
    }

    [Fact]
    public void Offsets_give_the_text_of_each_token()
    {
        var tokenizer = TinyTokenizers.Load("byte-level").Tokenizer;

        var tokens = tokenizer.EncodeToTokens("Once there<|end|> was", out var normalized);

        Assert.Equal("Once there<|end|> was", string.Concat(tokens.Select(t => normalized![t.Offset])));
        Assert.Contains(tokens, t => t.Value == "<|end|>" && normalized![t.Offset] == "<|end|>");
    }

    [Fact]
    public void A_limit_cuts_tokens_and_says_how_much_text_they_cover()
    {
        var tokenizer = TinyTokenizers.Load("byte-level").Tokenizer;
        const string Text = "Once there was a little girl";
        var all = tokenizer.EncodeToIds(Text);

        var few = tokenizer.EncodeToIds(Text, 3, out _, out var consumed);

        Assert.Equal(all.Take(3), few);
        Assert.Equal(tokenizer.Decode(few), Text[..consumed]);
        Assert.Equal(all.Count, tokenizer.CountTokens(Text));
        Assert.Equal(consumed, tokenizer.GetIndexByTokenCount(Text, 3, out _, out var count));
        Assert.Equal(3, count);
    }

    [Fact]
    public void Decoding_into_a_span_says_when_it_is_too_small()
    {
        var tokenizer = TinyTokenizers.Load("byte-level").Tokenizer;
        var ids = tokenizer.EncodeToIds("Once there was");

        var (small, large) = (new char[3], new char[100]);

        Assert.Equal(OperationStatus.DestinationTooSmall, tokenizer.Decode(ids, small, out _, out _));
        Assert.Equal(OperationStatus.Done, tokenizer.Decode(ids, large, out var consumed, out var written));
        Assert.Equal((ids.Count, "Once there was"), (consumed, new StringBuilder().Append(large, 0, written).ToString()));
    }
}
