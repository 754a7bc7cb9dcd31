using System.Text;
using System.Text.Json;
using OrtDpo.ChatTemplates;
using OrtDpo.Data;
using OrtDpo.Models;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.Train.Tests;

/// <summary>A checkpoint has the template that its run was given, wherever a host looks for one.</summary>
public sealed class KeptTemplateTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly ChatTemplate given;

    public KeptTemplateTests()
    {
        given = new ChatTemplate(folder.Write("given.jinja", "new"), "new", new Dictionary<string, JsonElement>());
        Directory.CreateDirectory(Model);
        File.Copy(Repository.Find("tests", "golden", "text", "tiny", "trained.json"), Path.Combine(Model, "tokenizer.json"));
        folder.Write("model/config.json", """{"torch_dtype": "float32"}""");
    }

    string Model => folder.File("model");

    string Kept => folder.File("kept");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Without_one_every_file_is_the_model_s()
    {
        folder.Write("model/chat_template.jinja", "old");
        Assert.All(Write(null), file => Assert.Equal(File.ReadAllBytes(file.Source), file.Read()));
        Assert.Equal("old", File.ReadAllText(Path.Combine(Kept, "chat_template.jinja")));
    }

    // Transformers reads the first file and else the others; older hosts read tokenizer_config.json alone.
    [Fact]
    public void Every_place_of_the_default_template_has_the_new_one_and_the_tokenizer_is_the_same()
    {
        folder.Write("model/chat_template.jinja", "old");
        folder.Write("model/chat_template.json", """{"chat_template": "old"}""");
        folder.Write("model/tokenizer_config.json", """{"eos_token": "<|endoftext|>", "chat_template": "old", "z": 1}""");
        Write(given);
        Assert.Equal("new"u8, File.ReadAllBytes(Path.Combine(Kept, "chat_template.jinja")));
        Assert.Equal("""{"chat_template": "new"}""", File.ReadAllText(Path.Combine(Kept, "chat_template.json")));
        Assert.Equal(
            """{"eos_token": "<|endoftext|>", "chat_template": "new", "z": 1}""",
            File.ReadAllText(Path.Combine(Kept, "tokenizer_config.json")));
        Assert.Equal(ModelTokenizer.Load(Model).Digest, ModelTokenizer.Load(Kept).Digest);
        foreach (var place in (string[])["chat_template.jinja", "tokenizer_config.json", "chat_template.json"])
        {
            Assert.Equal(given.Digest, ChatTemplateFolder.Load(Kept).Digest);
            File.Delete(Path.Combine(Kept, place));
        }
    }

    [Fact]
    public void A_model_that_had_none_has_it_too()
    {
        folder.Write("model/tokenizer_config.json", """{"eos_token": "<|endoftext|>"}""");
        Write(given);
        Assert.Equal(given.Digest, ChatTemplateFolder.Load(Kept).Digest);
        File.Delete(Path.Combine(Kept, "chat_template.jinja"));
        Assert.Equal(given.Digest, ChatTemplateFolder.Load(Kept).Digest);
        Assert.False(File.Exists(Path.Combine(Kept, "chat_template.json")));
    }

    // Transformers passes over the list as soon as there is a chat_template.jinja.
    [Fact]
    public void Templates_of_other_names_stay_and_have_files_of_their_own()
    {
        const string Others = """{"name": "tool_use", "template": "tools"}, {"name": "rag", "template": "old rag"}""";
        folder.Write("model/tokenizer_config.json",
            $$"""{"chat_template": [{"name": "default", "template": "old"}, {{Others}}, {"name": "../x", "template": "x"}]}""");
        Directory.CreateDirectory(folder.File("model/additional_chat_templates"));
        folder.Write("model/additional_chat_templates/rag.jinja", "rag of its file");
        folder.Write("model/additional_chat_templates/default.jinja", "old");
        Write(given);
        Assert.Equal(
            $$"""{"chat_template": [{"name": "default", "template": "new"}, {{Others}}, {"name": "../x", "template": "x"}]}""",
            File.ReadAllText(Path.Combine(Kept, "tokenizer_config.json")));
        Assert.Equal("tools", ChatTemplateFolder.Load(Kept, "tool_use").Source);
        Assert.Equal("rag of its file", ChatTemplateFolder.Load(Kept, "rag").Source);
        Assert.Equal(
            ["rag.jinja", "tool_use.jinja"],
            Directory.GetFiles(Path.Combine(Kept, "additional_chat_templates")).Select(Path.GetFileName).Order());
    }

    // A file that changes while a run goes on changes no checkpoint.
    [Fact]
    public void What_is_kept_is_what_was_read_when_the_run_began()
    {
        var files = KeptTemplate.In(HostFile.Of(Model, ModelTokenizer.Load(Model).Files, WeightType.F32), given);
        folder.Write("given.jinja", "changed");
        Assert.Equal("new", Encoding.UTF8.GetString(Assert.Single(files, file => file.Name == "chat_template.jinja").Read()));
    }

    IReadOnlyList<HostFile> Write(ChatTemplate? template)
    {
        var files = KeptTemplate.In(HostFile.Of(Model, ModelTokenizer.Load(Model).Files, WeightType.F32), template);
        Assert.Equal(files.Count, files.DistinctBy(file => file.Name).Count());
        foreach (var file in files)
        {
            var path = Path.Combine(Kept, file.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, file.Read());
        }

        return files;
    }
}
