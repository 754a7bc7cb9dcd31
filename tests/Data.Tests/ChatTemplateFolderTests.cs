using System.Text.Json;

namespace OrtDpo.Data.Tests;

/// <summary>Where a model keeps its template, and what the template sees.</summary>
public sealed class ChatTemplateFolderTests
{
    const string Messages = """[{"role": "user", "content": "Hi"}]""";

    [Fact]
    public void The_file_of_its_own_wins_over_the_configuration()
    {
        using var folder = new TemporaryFolder();
        folder.Write("chat_template.json", """{"chat_template": "third"}""");
        Assert.Equal("third", Render(folder));
        folder.Write("tokenizer_config.json", """{"chat_template": "second"}""");
        Assert.Equal("second", Render(folder));
        folder.Write("chat_template.jinja", "first");
        Assert.Equal("first", Render(folder));
    }

    [Fact]
    public void Of_several_templates_one_is_chosen_by_name()
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer_config.json",
            """{"chat_template": [{"name": "default", "template": "plain"}, {"name": "tool_use", "template": "with tools"}]}""");
        Assert.Equal("plain", Render(folder));
        Assert.Equal("with tools", ChatTemplateFolder.Load(folder.Path, "tool_use").Render(Parse("[]")));
        var error = Assert.Throws<InvalidDataException>(() => ChatTemplateFolder.Load(folder.Path, "rag"));
        Assert.EndsWith(
            "chat_template has no chat template called 'rag' (found: 'default', 'tool_use').", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_template_may_have_a_file()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("additional_chat_templates"));
        folder.Write("additional_chat_templates/tool_use.jinja", "with tools");
        Assert.Equal("with tools", ChatTemplateFolder.Load(folder.Path, "tool_use").Render(Parse("[]")));
    }

    [Fact]
    public void A_model_without_a_template_says_so()
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer_config.json", """{"chat_template": null}""");
        var error = Assert.Throws<FileNotFoundException>(() => ChatTemplateFolder.Load(folder.Path));
        Assert.StartsWith($"'{folder.Path}' has no chat template called 'default'.", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(", or a file of its own as `ChatTemplate`.", error.Message, StringComparison.Ordinal);
        Assert.Throws<DirectoryNotFoundException>(() => ChatTemplateFolder.Load(folder.File("absent")));
    }

    [Fact]
    public void Errors_in_the_configuration_name_the_file_and_the_place_in_the_template()
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer_config.json", """{"chat_template": "a\n{% do x %}"}""");
        var error = Assert.Throws<NotSupportedException>(() => ChatTemplateFolder.Load(folder.Path));
        Assert.StartsWith(
            $"{folder.File("tokenizer_config.json")}: chat_template line 2 column 4: the tag 'do'",
            error.Message, StringComparison.Ordinal);
    }

    // Hugging Face gives special tokens by name, `tools` and `documents` as None, and leaves unset tokens undefined.
    [Fact]
    public void A_template_sees_the_special_tokens_and_what_it_is_given()
    {
        using var folder = new TemporaryFolder();
        folder.Write("special_tokens_map.json", """{"bos_token": "no", "pad_token": {"content": "<pad>", "lstrip": false}}""");
        folder.Write(
            "tokenizer_config.json",
            """{"bos_token": {"content": "<s>"}, "eos_token": "</s>", "unk_token": null,"""
            + """ "additional_special_tokens": ["<a>", {"content": "<b>"}]}""");
        folder.Write(
            "chat_template.jinja",
            "{{ bos_token }}{{ eos_token }}{{ pad_token }}{{ unk_token is defined }}{{ additional_special_tokens }}"
            + "{{ tools }}{{ documents }}{{ add_generation_prompt }}{{ messages[0].content }}");
        Assert.Equal("<s></s><pad>False['<a>', '<b>']NoneNoneFalseHi", Render(folder));
        var given = new Dictionary<string, JsonElement> { ["tools"] = JsonDocument.Parse("[1]").RootElement };
        Assert.Equal(
            "<s></s><pad>False['<a>', '<b>'][1]NoneTrueHi",
            ChatTemplateFolder.Load(folder.Path).Render(Parse(Messages), true, given));
    }

    static string Render(TemporaryFolder folder) => ChatTemplateFolder.Load(folder.Path).Render(Parse(Messages));

    static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
