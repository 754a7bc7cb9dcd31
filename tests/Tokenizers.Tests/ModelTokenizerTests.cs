using System.Text.Json.Nodes;

namespace OrtDpo.Tokenizers.Tests;

public sealed class ModelTokenizerTests
{
    // Each kind of dummy prefix beside the same tokenizer without it; the right side is checked against Hugging Face's library elsewhere.
    [Theory]
    [InlineData("sentencepiece", "gemma")]
    [InlineData("metaspace-always", "metaspace-never")]
    [InlineData("prefix-space", "gpt2")]
    public void A_continuation_has_no_dummy_prefix_and_no_beginning_of_sequence(string prefixed, string plain)
    {
        var (tokenizer, without) = (TinyTokenizers.LoadVariant(prefixed), TinyTokenizers.LoadVariant(plain));
        var leading = without.Encode("").Length;

        Assert.All(TokenizerGolden.Curated, text => Assert.Equal(without.Encode(text)[leading..], tokenizer.EncodeContinuation(text)));
    }

    [Theory]
    [InlineData("""{ "bos_token": "<s>" }""", 1)]
    [InlineData("""{ "bos_token": "<s>", "add_bos_token": true }""", 1)]
    [InlineData("""{ "bos_token": "<s>", "add_bos_token": false }""", 0)]
    [InlineData("""{ "bos_token": { "content": "<s>" }, "add_bos_token": false }""", 0)]
    public void What_the_configuration_says_about_the_first_token_overrides_the_post_processor(string config, int leading)
    {
        var tokenizer = TinyTokenizers.Load(TinyTokenizers.Base("sentencepiece"), config);

        Assert.Equal(leading, tokenizer.Encode("").Length);
        Assert.Equal(1, tokenizer.BosId);
    }

    // What the right side gives is checked against Hugging Face's library elsewhere.
    [Theory]
    [InlineData("gpt2", true, "prefix-space")]
    [InlineData("gpt2", false, "gpt2")]
    [InlineData("prefix-space", false, "gpt2")]
    [InlineData("llama3", true, "llama3")]
    public void What_the_configuration_says_about_the_first_space_overrides_the_file(string variant, bool prefix, string same)
    {
        var config = $$"""{ "add_prefix_space": {{(prefix ? "true" : "false")}} }""";
        var (tokenizer, expected) = (TinyTokenizers.Load(TinyTokenizers.Variant(variant), config), TinyTokenizers.LoadVariant(same));

        Assert.All(TokenizerGolden.Curated, text => Assert.Equal(expected.Encode(text), tokenizer.Encode(text)));
    }

    [Fact]
    public void A_configuration_can_add_the_first_token_where_no_post_processor_does()
    {
        var config = """{ "bos_token": "<|endoftext|>", "eos_token": "<|end|>", "add_bos_token": true }""";
        var tokenizer = TinyTokenizers.Load(TinyTokenizers.Base("byte-level"), config);

        Assert.Equal([tokenizer.BosId!.Value], tokenizer.Encode(""));
    }

    [Fact]
    public void All_tokens_that_end_a_generation_are_known_the_tokenizers_own_first()
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer.json", TinyTokenizers.Base("sentencepiece").ToJsonString());
        folder.Write("tokenizer_config.json", """{ "eos_token": "</s>" }""");
        folder.Write("generation_config.json", """{ "eos_token_id": [7, 2] }""");
        folder.Write("config.json", """{ "bos_token_id": 1, "eos_token_id": 9 }""");

        var tokenizer = ModelTokenizer.Load(folder.Path);

        Assert.Equal([2, 7, 9], tokenizer.EosIds);
        Assert.Equal((1, 2), (tokenizer.BosId, tokenizer.EosId));
    }

    [Theory]
    [InlineData("[2, \"</s>\"]", "eos_token_id[1] is String, where a whole number is expected.")]
    [InlineData("true", "eos_token_id is True, where a whole number is expected.")]
    [InlineData("[2, 90000]", "eos_token_id[1] is 90000, and the vocabulary has ")]
    [InlineData("-1", "eos_token_id is -1, and the vocabulary has ")]
    public void An_end_that_is_no_token_is_refused_with_its_place(string ids, string message)
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer.json", TinyTokenizers.Base("sentencepiece").ToJsonString());
        folder.Write("generation_config.json", $$"""{ "eos_token_id": {{ids}} }""");

        var error = Assert.Throws<InvalidDataException>(() => ModelTokenizer.Load(folder.Path));

        Assert.StartsWith($"{folder.File("generation_config.json")}: {message}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_model_may_have_more_rows_than_the_tokenizer_tokens_and_end_at_one_of_them()
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer.json", TinyTokenizers.Base("sentencepiece").ToJsonString());
        folder.Write("tokenizer_config.json", """{ "eos_token": "</s>" }""");
        folder.Write("config.json", """{ "vocab_size": 90001 }""");
        folder.Write("generation_config.json", """{ "eos_token_id": [2, 90000] }""");

        Assert.Equal([2, 90000], ModelTokenizer.Load(folder.Path).EosIds);
    }

    [Theory]
    [InlineData("[2, 7]", "[7, 2]", true)]
    [InlineData("[7]", "[2, 7]", true)]
    [InlineData("[2, 7]", "[2, 8]", false)]
    [InlineData("[2, 7]", "[2, 7, 8]", false)]
    public void End_ids_have_a_digest_of_their_own_whatever_their_order(string one, string other, bool same)
    {
        Assert.Equal(same, Digest(one) == Digest(other));
        Assert.NotNull(Digest(one));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "eos_token_id": 2 }""")]
    [InlineData("""{ "eos_token_id": [2, 2] }""")]
    [InlineData("""{ "eos_token_id": null }""")]
    public void End_ids_that_add_none_to_the_tokenizers_own_have_no_digest(string generation)
    {
        using var folder = WithEnds(generation);
        Assert.Null(ModelTokenizer.Load(folder.Path).Ends.Digest);
    }

    [Fact]
    public void An_end_token_changes_no_other_id_and_so_not_the_tokenizers_digest()
    {
        using var folder = WithEnds("""{ "eos_token_id": [2, 7] }""");
        using var without = WithEnds("{}");
        Assert.Equal(ModelTokenizer.Load(without.Path).Digest, ModelTokenizer.Load(folder.Path).Digest);
    }

    [Fact]
    public void An_end_of_sequence_token_of_the_post_processor_is_left_to_the_caller()
    {
        var definition = TinyTokenizers.Base("sentencepiece");
        var template = definition["post_processor"]!.AsObject();
        template["single"]!.AsArray().Add(JsonNode.Parse("""{ "SpecialToken": { "id": "</s>", "type_id": 0 } }"""));
        template["special_tokens"]!["</s>"] = JsonNode.Parse("""{ "id": "</s>", "ids": [2], "tokens": ["</s>"] }""");

        Assert.Equal([1], TinyTokenizers.Load(definition, """{ "eos_token": "</s>" }""").Encode(""));
        var error = Assert.Throws<NotSupportedException>(() => TinyTokenizers.Load(definition, """{ "eos_token": "<unk>" }"""));
        Assert.Contains("'</s>' after each text", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_token_is_shown_as_text_or_as_its_bytes()
    {
        var bytes = TinyTokenizers.Load("byte-level");
        var pieces = TinyTokenizers.Load("sentencepiece");

        Assert.Equal(" the", bytes.TokenText(bytes.Encode(" the").Single()));
        Assert.Single(Enumerable.Range(0, bytes.VocabularySize), id => bytes.TokenText(id) == "<0xFF>");
        Assert.Equal("<|end|>", bytes.TokenText(bytes.Encode("<|end|>").Single()));
        Assert.Equal(["<s>", " ", "<0x01>"], pieces.Encode("\u0001").Select(pieces.TokenText));
        Assert.Equal($"<{bytes.VocabularySize}>", bytes.TokenText(bytes.VocabularySize));
    }

    // Encode cuts SentencePiece's texts into words that it remembers; the package's way encodes each text whole.
    [Theory]
    [InlineData("sentencepiece", null)]
    [InlineData("unknown-fused", null)]
    [InlineData("unknown-dropped", null)]
    [InlineData("some-bytes-missing", null)]
    [InlineData("sentencepiece", "a▁")]
    [InlineData("sentencepiece", "▁a▁")]
    public void Word_by_word_a_text_has_the_ids_that_it_has_as_a_whole(string variant, string? crossing)
    {
        var definition = TinyTokenizers.Variant(variant);
        if (crossing is not null)
        {
            var model = definition["model"]!;
            model["vocab"]!.AsObject().TryAdd("▁a", 2999);
            model["vocab"]![crossing] = 3000;
            model["merges"]!.AsArray().Insert(0, new JsonArray(crossing[..^1], "▁"));
        }

        var tokenizer = TinyTokenizers.Load(definition);

        var texts = TokenizerGolden.Curated.Concat(TokenizerGolden.Fuzzed).Append("a a a▁ a b");
        Assert.All(
            texts,
            text => Assert.Equal(tokenizer.Tokenizer.EncodeToIds(text), tokenizer.Encode(text).Skip(tokenizer.Encode("").Length)));
    }

    [Fact]
    public void Ids_without_a_token_decode_to_nothing() => Assert.Equal("", TinyTokenizers.Load("byte-level").Decode([-1, 1_000_000]));

    [Fact]
    public void Many_threads_get_the_same_ids_as_one()
    {
        var (shared, alone) = (TinyTokenizers.Load("byte-level"), TinyTokenizers.Load("byte-level"));
        var texts = TokenizerGolden.Fuzzed.Take(500).ToList();

        var together = texts.AsParallel().AsOrdered().WithDegreeOfParallelism(4).Select(shared.Encode).ToList();

        Assert.Equal(texts.Select(alone.Encode), together);
    }

    static string? Digest(string ids)
    {
        using var folder = WithEnds($$"""{ "eos_token_id": {{ids}} }""");
        return ModelTokenizer.Load(folder.Path).Ends.Digest;
    }

    static TemporaryFolder WithEnds(string generation)
    {
        var folder = new TemporaryFolder();
        folder.Write("tokenizer.json", TinyTokenizers.Base("sentencepiece").ToJsonString());
        folder.Write("tokenizer_config.json", """{ "eos_token": "</s>" }""");
        folder.Write("generation_config.json", generation);
        return folder;
    }
}
