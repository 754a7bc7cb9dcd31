using System.Text.Json.Nodes;
using OrtDpo.Models;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Export.Tests;

/// <summary>The files beside an export; that GenAI loads them: tests/GenAI.Tests.</summary>
public sealed class HostFolderTests : IDisposable
{
    // Its line ends are there for people: Jinja takes them, and GenAI's renderer does not.
    const string Template = "{% for m in messages %}\n{{ m.content }}\n{% endfor %}\n";
    const string Written = "{% for m in messages %}{{ m.content }}\n{% endfor %}";

    readonly TemporaryFolder folder = new();

    public HostFolderTests()
    {
        Directory.CreateDirectory(Model);
        File.Copy(Repository.Find("models", "demo", "tokenizer.json"), Path.Combine(Model, "tokenizer.json"));
    }

    string Model => folder.File("model");

    string Made => folder.File("made");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("""{"tokenizer_class": "A", "chat_template": "TEXT"}""", """{"tokenizer_class": "A", "chat_template": "WRITTEN"}""")]
    [InlineData(
        """{"tokenizer_class": "A", "chat_template": [{"name": "rag", "template": "r"}, {"name": "default", "template": "TEXT"}]}""",
        """{"tokenizer_class": "A", "chat_template": "WRITTEN"}""")]
    public void A_template_in_the_configuration_gets_a_file_of_its_own_and_is_there_as_GenAI_renders_it(string config, string expected)
    {
        folder.Write("model/tokenizer_config.json", config.Replace("TEXT", Json(Template), StringComparison.Ordinal));
        var names = Write();
        Assert.Equal(Template, File.ReadAllText(Path.Combine(Made, "chat_template.jinja")));
        Assert.Equal(
            expected.Replace("WRITTEN", Json(Written), StringComparison.Ordinal),
            File.ReadAllText(Path.Combine(Made, "tokenizer_config.json")));
        Assert.Equal(config.Contains("rag", StringComparison.Ordinal), names.Contains("additional_chat_templates/rag.jinja"));
    }

    // Transformers reads the file, GenAI the configuration.
    [Fact]
    public void The_file_goes_before_what_the_configuration_has()
    {
        folder.Write("model/chat_template.jinja", Template);
        folder.Write("model/tokenizer_config.json", """{"tokenizer_class": "A", "chat_template": "old"}""");
        Write();
        Assert.Equal(Template, File.ReadAllText(Path.Combine(Made, "chat_template.jinja")));
        Assert.Equal(Written, (string)Config()["chat_template"]!);
    }

    [Fact]
    public void A_configuration_that_GenAI_loads_and_that_has_no_template_keeps_its_bytes()
    {
        const string Config = "{\"tokenizer_class\":   \"A\", \"eos_token\": null}";
        folder.Write("model/tokenizer_config.json", Config);
        Assert.DoesNotContain("chat_template.jinja", Write());
        Assert.Equal(Config, File.ReadAllText(Path.Combine(Made, "tokenizer_config.json")));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("""[{"name": "rag", "template": "r"}]""")]
    public void What_is_no_template_is_left_out(string member)
    {
        folder.Write("model/tokenizer_config.json", $$"""{"tokenizer_class": "A", "chat_template": {{member}}}""");
        Write();
        Assert.Equal(["tokenizer_class"], Config().Select(field => field.Key));
    }

    [Fact]
    public void A_configuration_that_is_missing_names_the_tokens_that_templates_do()
    {
        folder.Write("model/special_tokens_map.json", """{"bos_token": {"content": "<|endoftext|>", "lstrip": false}, "pad_token": "x"}""");
        Write();
        Assert.Equal(["bos_token", "tokenizer_class"], Config().Select(field => field.Key));
        Assert.Equal("<|endoftext|>", (string)Config()["bos_token"]!["content"]!);
        Assert.Equal("PreTrainedTokenizerFast", (string)Config()["tokenizer_class"]!);
        Assert.Equal(ModelTokenizer.Load(Model).Digest, ModelTokenizer.Load(Made).Digest);
    }

    [Fact]
    public void What_GenAI_lacks_is_told()
    {
        folder.Write("model/chat_template.jinja", "{{ a.replace('b', 'c') }}\n{% if '<x>' in a.content %}{% endif %}");
        Write();
        Assert.Empty(HostFolder.Notes(Made));
        File.WriteAllText(Path.Combine(Made, "genai_config.json"), "{}");
        Assert.Equal(
            [
                "ONNX Runtime GenAI 0.18 lacks, or reads otherwise, what chat_template.jinja has: the method 'replace' (line 1), "
                + "the operator 'in' of a text (line 2). Where a chat comes to that, render it elsewhere.",
            ],
            HostFolder.Notes(Made));
        File.WriteAllText(Path.Combine(Made, "chat_template.jinja"), "{{ messages[0].content | trim }}");
        Assert.Empty(HostFolder.Notes(Made));
        File.WriteAllText(Path.Combine(Made, "chat_template.jinja"), "{% if 'a %}");
        Assert.StartsWith("chat_template.jinja has parts of Jinja", Assert.Single(HostFolder.Notes(Made)), StringComparison.Ordinal);
        File.Delete(Path.Combine(Made, "tokenizer.json"));
        Assert.StartsWith("ONNX Runtime GenAI reads a tokenizer", HostFolder.Notes(Made).First(), StringComparison.Ordinal);
    }

    static string Json(string text) => text.Replace("\n", "\\n", StringComparison.Ordinal);

    JsonObject Config() => JsonNode.Parse(File.ReadAllText(Path.Combine(Made, "tokenizer_config.json")))!.AsObject();

    HashSet<string> Write()
    {
        Directory.CreateDirectory(Made);
        var files = HostFolder.Of(HostFile.Of(Model, ModelTokenizer.Load(Model).Files, WeightType.F32), Model);
        foreach (var file in files)
        {
            file.WriteTo(Made);
        }

        return [.. files.Select(file => file.Name)];
    }
}
