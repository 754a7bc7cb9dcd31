using System.Text.Json.Nodes;

namespace OrtDpo.Tokenizers.Tests;

/// <summary>Folders without tokenizer.json, and what the files beside a tokenizer say of its tokens.</summary>
public sealed class VocabAndMergesTests
{
    [Fact]
    public void Vocab_and_merges_give_the_same_ids_as_the_json_that_holds_both()
    {
        using var folder = Files();

        Same(TinyTokenizers.Load("byte-level"), ModelTokenizer.Load(folder.Path), text => !text.Contains("<|", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("tokenizer_config.json", """{ "tokenizer_class": "Qwen2Tokenizer", "bos_token": null, "eos_token": "<|end|>" }""")]
    [InlineData("config.json", """{ "model_type": "qwen2" }""")]
    public void Those_of_qwen2_split_and_normalize_as_its_json_does(string file, string content)
    {
        using var folder = Files();
        folder.Write("added_tokens.json", AddedTokens());
        folder.Write(file, content);

        var tokenizer = ModelTokenizer.Load(folder.Path);

        Same(TinyTokenizers.LoadVariant("qwen2"), tokenizer, _ => true);
        Assert.Null(tokenizer.BosId);
    }

    [Theory]
    [InlineData("tokenizer_config.json", """{ "tokenizer_class": "RobertaTokenizer" }""", "'RobertaTokenizer'")]
    [InlineData("config.json", """{ "model_type": "llama" }""", "'llama'")]
    public void Those_of_another_kind_are_refused_by_name(string file, string content, string named)
    {
        using var folder = Files();
        folder.Write(file, content);

        var error = Assert.Throws<NotSupportedException>(() => ModelTokenizer.Load(folder.Path));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_that_has_a_role_is_special_and_kept_whole()
    {
        using var folder = Files();
        folder.Write("added_tokens.json", """{ "<a>": 900, "<b>": 901 }""");
        folder.Write(
            "special_tokens_map.json", """{ "pad_token": { "content": "<a>", "rstrip": true }, "additional_special_tokens": ["Ġthe"] }""");

        var tokenizer = ModelTokenizer.Load(folder.Path);
        var the = TinyTokenizers.Load("byte-level").Encode(" the").Single();

        Assert.Equal([900, 901, the, 900], tokenizer.Encode("<a><b>Ġthe<a>"));
        Assert.Equal("<b>", tokenizer.Decode([900, 901, the]));
    }

    [Fact]
    public void A_token_that_no_file_gives_an_id_follows_all_others()
    {
        using var folder = Files();
        folder.Write("added_tokens.json", """{ "<a>": 900 }""");
        folder.Write("special_tokens_map.json", """{ "pad_token": "<pad>", "additional_special_tokens": ["<x>", "<a>"] }""");
        folder.Write("tokenizer_config.json", """{ "extra_special_tokens": { "image_token": "<image>" } }""");

        Assert.Equal([901, 902, 903, 900], ModelTokenizer.Load(folder.Path).Encode("<image><pad><x><a>"));
    }

    [Fact]
    public void The_table_of_the_configuration_comes_before_the_older_one()
    {
        using var folder = Files();
        folder.Write("added_tokens.json", """{ "<a>": 900 }""");
        folder.Write("tokenizer_config.json", """{ "added_tokens_decoder": { "950": { "content": "<a>", "rstrip": true } } }""");

        Assert.Equal([950, 950], ModelTokenizer.Load(folder.Path).Encode("<a> <a>"));
    }

    [Fact]
    public void An_id_that_two_tokens_have_is_refused()
    {
        using var folder = Files();
        folder.Write("added_tokens.json", """{ "<a>": 900, "<b>": 900 }""");

        var error = Assert.Throws<InvalidDataException>(() => ModelTokenizer.Load(folder.Path));
        Assert.Contains("'<b>' has id 900", error.Message, StringComparison.Ordinal);
    }

    // The prefix of the newer form goes before the text's beginning, not behind an added token.
    [Theory]
    [InlineData("""{ "legacy": false }""", "first")]
    [InlineData("""{ "legacy": false, "add_prefix_space": false }""", "never")]
    public void A_sentencepiece_file_of_the_newer_form_is_read_as_its_json(string config, string scheme)
    {
        using var folder = new TemporaryFolder();
        var source = SharedData.Folder("stories260K");
        File.Copy(Path.Combine(source, "tokenizer.model"), folder.File("tokenizer.model"));
        folder.Write("tokenizer_config.json", config);
        var definition = (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(source, "tokenizer.json")))!;
        definition["normalizer"] = null;
        definition["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Metaspace", ["replacement"] = "▁", ["prepend_scheme"] = scheme, ["split"] = false,
        };

        var (json, model) = (TinyTokenizers.Load(definition), ModelTokenizer.Load(folder.Path));

        Assert.All(TokenizerGolden.Curated, text => Assert.Equal(json.Tokenizer.EncodeToIds(text), model.Tokenizer.EncodeToIds(text)));
        Assert.NotEqual(model.EncodeContinuation("</s>a"), ModelTokenizer.Load(source).Encode("</s>a")[1..]);
    }

    static TemporaryFolder Files()
    {
        var folder = new TemporaryFolder();
        var model = TinyTokenizers.Base("byte-level")["model"]!;
        folder.Write("vocab.json", model["vocab"]!.ToJsonString());
        var merges = model["merges"]!.AsArray().Select(m => m!.GetValue<string>());
        folder.Write("merges.txt", $"#version: 0.2\n{string.Join('\n', merges)}\n");
        return folder;
    }

    // added_tokens.json as the tokenizer.json has them; without a role its tokens are plain.
    static string AddedTokens() => new JsonObject(TinyTokenizers.Base("byte-level")["added_tokens"]!.AsArray()
        .Select(t => KeyValuePair.Create(t!["content"]!.GetValue<string>(), (JsonNode?)t["id"]!.GetValue<int>()))).ToJsonString();

    static void Same(ModelTokenizer expected, ModelTokenizer found, Func<string, bool> where) =>
        Assert.All(TokenizerGolden.Curated.Where(where), text => Assert.Equal(expected.Encode(text), found.Encode(text)));
}
