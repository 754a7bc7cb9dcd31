using System.Text.Json.Nodes;

namespace OrtDpo.Tokenizers.Tests;

public sealed class TokenizerFolderTests
{
    [Fact]
    public void Tokenizer_json_wins_over_tokenizer_model()
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer.model", "not a model"u8.ToArray());
        folder.Write("tokenizer.json", TinyTokenizers.Base("byte-level").ToJsonString());

        var tokenizer = ModelTokenizer.Load(folder.Path);

        Assert.Equal(["tokenizer.json", "tokenizer.model"], tokenizer.Files.Select(Path.GetFileName));
    }

    [Fact]
    public void A_missing_folder_and_a_missing_tokenizer_are_told_apart()
    {
        using var folder = new TemporaryFolder();

        Assert.Throws<DirectoryNotFoundException>(() => ModelTokenizer.Load(folder.File("none")));
        Assert.Throws<FileNotFoundException>(() => ModelTokenizer.Load(folder.Path));
    }

    [Theory]
    [InlineData("normalizer", """{ "type": "Sequence", "normalizers": [ { "type": "BertNormalizer" } ] }""", "'BertNormalizer'")]
    [InlineData("normalizer", """{ "type": "Precompiled", "precompiled_charsmap": "" }""", "'Precompiled'")]
    [InlineData("pre_tokenizer", """{ "type": "BertPreTokenizer" }""", "'BertPreTokenizer'")]
    [InlineData("pre_tokenizer", """{ "type": "Sequence", "pretokenizers": [ { "type": "Digits" }, { "type": "Metaspace" } ] }""",
        "'Metaspace'")]
    [InlineData("pre_tokenizer", """{ "type": "Sequence", "pretokenizers": [ { "type": "ByteLevel" }, { "type": "Digits" } ] }""",
        "'ByteLevel'")]
    [InlineData("pre_tokenizer", """{ "type": "Split", "pattern": { "Regex": "\\p{Han}+" }, "behavior": "Isolated" }""", "'Han'")]
    [InlineData("post_processor", """{ "type": "RobertaProcessing" }""", "'RobertaProcessing'")]
    [InlineData("decoder", """{ "type": "WordPiece" }""", "'WordPiece'")]
    [InlineData("model", """{ "type": "Unigram", "vocab": [] }""", "'Unigram'")]
    [InlineData("model", """{ "type": "WordPiece", "vocab": {} }""", "'WordPiece'")]
    [InlineData("model", """{ "type": "WordLevel", "vocab": {} }""", "'WordLevel'")]
    [InlineData("model", """{ "type": "BPE", "vocab": {}, "merges": [], "dropout": 0.1 }""", "dropout")]
    public void What_is_not_implemented_exactly_is_refused_by_name(string part, string value, string named)
    {
        var definition = TinyTokenizers.Base("byte-level");
        definition[part] = JsonNode.Parse(value);

        var error = Assert.Throws<NotSupportedException>(() => TinyTokenizers.Load(definition));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "type": "BPE", "vocab": { "a": 0, "b": 1 }, "merges": [ "a b" ] }""", "'ab' is not in the vocabulary")]
    [InlineData("""{ "type": "BPE", "vocab": { "a": 0, "aa": 1 }, "merges": [ "aa" ] }""", "is 'aa', where two tokens")]
    [InlineData("""{ "type": "BPE", "vocab": { "a": 0, "b": 0 }, "merges": [] }""", "also that of 'a'")]
    [InlineData("""{ "type": "BPE", "vocab": { "a": -1 }, "merges": [] }""", "negative")]
    [InlineData("""{ "type": "BPE", "vocab": { "a": 2147483647 }, "merges": [] }""", "'a' has id 2147483647; expected less than 4194304.")]
    [InlineData("""{ "type": "BPE", "vocab": { "a": "x" }, "merges": [] }""", "a whole number is expected")]
    [InlineData("""{ "type": "BPE", "vocab": {}, "merges": [], "unk_token": "?" }""", "'?' is not in the vocabulary")]
    [InlineData("""{ "type": "BPE", "vocab": {} }""", "no 'merges'")]
    public void A_model_that_contradicts_itself_is_refused(string model, string named)
    {
        var definition = TinyTokenizers.Base("byte-level");
        definition["added_tokens"] = new JsonArray();
        definition["model"] = JsonNode.Parse(model);

        var error = Assert.Throws<InvalidDataException>(() => TinyTokenizers.Load(definition));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_off_file_is_refused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer.json", TinyTokenizers.Base("byte-level").ToJsonString()[..1000]);

        var error = Assert.Throws<InvalidDataException>(() => ModelTokenizer.Load(folder.Path));
        Assert.Contains("not valid JSON", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_that_the_configuration_names_must_exist()
    {
        var error = Assert.Throws<InvalidDataException>(
            () => TinyTokenizers.Load(TinyTokenizers.Base("byte-level"), """{ "eos_token": "<none>" }"""));
        Assert.Contains("'<none>'", error.Message, StringComparison.Ordinal);
    }
}
