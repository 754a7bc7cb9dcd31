using System.Text;
using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.Tokenizers;

namespace OrtDpo.Data.Tests;

/// <summary>A template that is given as a file goes before that of the model's folder.</summary>
public sealed class ChatTemplateFileTests : IDisposable
{
    const string Given = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{{ eos_token }}{% endfor %}"
        + "{% if add_generation_prompt %}<assistant>{% endif %}";

    const string Row = """{"prompt": [{"role": "user", "content": "Hi"}], "completion": [{"role": "assistant", "content": "Yes"}]}""";

    readonly TemporaryFolder folder = new();

    public ChatTemplateFileTests()
    {
        Directory.CreateDirectory(Model);
        File.Copy(Repository.Find("tests", "golden", "text", "tiny", "trained.json"), Path.Combine(Model, "tokenizer.json"));
        folder.Write("model/tokenizer_config.json", """{"eos_token": "<|endoftext|>"}""");
        folder.Write("model/chat_template.jinja", "of the folder");
    }

    string Model => folder.File("model");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_file_s_template_sees_the_special_tokens_of_the_folder()
    {
        var file = folder.Write("given.jinja", Given);
        var template = ChatTemplateFolder.LoadFile(file, Model);
        var messages = JsonDocument.Parse("""[{"role": "user", "content": "Hi"}]""").RootElement;
        Assert.Equal("<user>Hi<|endoftext|><assistant>", template.Render(messages, addGenerationPrompt: true));
        Assert.Equal((file, Given, FileDigestOf(Given)), (template.Name, template.Source, template.Digest));
    }

    // A host would write the mark before the first message.
    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_template()
    {
        var file = folder.Write("given.jinja", [.. Encoding.UTF8.Preamble, .. "ä"u8]);
        Assert.Equal("ä", ChatTemplateFolder.LoadFile(file, Model).Source);
    }

    [Fact]
    public void Rows_of_messages_are_written_by_the_file_and_its_digest_is_recorded()
    {
        var encoder = EncoderOf(folder.Write("given.jinja", Given), Row, out var data);
        var row = Prepare(data, encoder).FirstText;
        Assert.Equal(("<user>Hi<|endoftext|><assistant>", "Yes<|endoftext|>"), (row.Prompt, row.Completions[0]));
        Assert.Equal(FileDigestOf(Given), encoder.Conversations!.TemplateDigest);
        Assert.Contains("given.jinja", encoder.Conversations.Description!, StringComparison.Ordinal);
        Assert.Equal("of the folder", ChatTemplateFolder.Load(Model).Source);
    }

    [Fact]
    public void Without_messages_it_has_no_effect_and_is_refused()
    {
        var encoder = EncoderOf(folder.Write("given.jinja", Given), """{"prompt": "Hi", "completion": "Yes"}""", out var data);
        var error = Assert.Throws<InvalidDataException>(() => Prepare(data, encoder));
        Assert.Equal("`ChatTemplate` has no effect: no row holds messages. Leave it out.", error.Message);
        Assert.Null(encoder.Conversations!.TemplateDigest);
    }

    // What is wrong with the file is said before a row is read.
    [Fact]
    public void A_file_that_is_missing_or_a_folder_is_refused_by_its_name()
    {
        Assert.Equal(
            "`ChatTemplate` is 'nope.jinja', and there is no such file; expected a chat template in Jinja. Give the path of one.",
            Assert.Throws<FileNotFoundException>(() => EncoderOf("nope.jinja", Row, out _)).Message);
        Assert.Equal(
            $"`ChatTemplate` is '{Model}', which is a folder; expected the file of a chat template in Jinja. Give the path of one.",
            Assert.Throws<FileNotFoundException>(() => EncoderOf(Model, Row, out _)).Message);
    }

    [Fact]
    public void A_git_lfs_pointer_is_called_one() =>
        LfsPointer.IsNamed(folder.File("given.jinja"), () => ChatTemplateFolder.LoadFile(folder.File("given.jinja"), Model));

    [Theory]
    [InlineData("", " holds no text; expected a chat template in Jinja. Give the file of one.")]
    [InlineData(" \n", " holds no text; expected a chat template in Jinja. Give the file of one.")]
    [InlineData("""{"chat_template": "{{ messages }}"}""", " is JSON; expected a chat template in Jinja. "
        + "Write the text that its 'chat_template' is into a file of its own.")]
    [InlineData("{% for m in messages %}", " line 1 column ")]
    [InlineData("a\n{% do x %}", " line 2 column 4: the tag 'do'")]
    public void What_is_no_template_is_refused_with_the_file_s_name(string text, string reason)
    {
        var file = folder.Write("given.jinja", text);
        var error = Record.Exception(() => EncoderOf(file, Row, out _));
        Assert.True(error is InvalidDataException or NotSupportedException);
        Assert.StartsWith(file + reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_named_with_their_place()
    {
        var file = folder.Write("given.jinja", [.. "ab"u8, 0xFF]);
        var error = Assert.Throws<InvalidDataException>(() => ChatTemplateFolder.LoadFile(file, Model));
        Assert.StartsWith($"{file}: byte 2 is 0xFF, which is not valid UTF-8 there. ", error.Message, StringComparison.Ordinal);
    }

    ExampleEncoder EncoderOf(string file, string row, out DataSettings data)
    {
        data = new DataSettings { Files = DataSource.FromPaths([folder.Write("data.jsonl", row)]), ChatTemplate = file };
        return ExampleEncoder.Of(Model, ModelTokenizer.Load(Model), data, maxLength: 64);
    }

    static PreparedData Prepare(DataSettings data, ExampleEncoder encoder) =>
        ExamplePreparation.Prepare(RowKind.Supervised, data, encoder, Shard.Whole);

    static string FileDigestOf(string text) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
