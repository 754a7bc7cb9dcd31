using System.Text.Json;
using Microsoft.ML.OnnxRuntimeGenAI;
using OrtDpo.ChatTemplates;
using OrtDpo.ChatTemplates.Tests;
using OrtDpo.Export;
using OrtDpo.Models;
using OrtDpo.Safetensors;
using OrtDpo.Tokenizers;

namespace OrtDpo.GenAI.Tests;

/// <summary>Chat templates of exported folders by the renderer of ONNX Runtime GenAI, which is not Jinja itself.</summary>
[Trait("Speed", "native")]
public sealed class ChatTemplateTests(DemoHost host) : IClassFixture<DemoHost>
{
    const string Question = """[{"role": "user", "content": "Hi", "n": 3, "d": {"b": 2, "A": 1}, "l": ["b", "a", "a"]}]""";

    public static TheoryData<string> Models => new(TemplateGolden.Templates.Select(t => t.GetProperty("name").GetString()!));

    // What an export changes is what makes these load, and say the template that a policy was trained with. That the first three do not
    // load otherwise is not tried: what its constructor throws at ends the process later, when the finalizer frees what is not there.
    [Theory]
    [InlineData("""{"tokenizer_class": "GPT2Tokenizer", "chat_template": [{"name": "default", "template": "TEXT"}]}""", null, false)]
    [InlineData("""{"tokenizer_class": "GPT2Tokenizer", "chat_template": null}""", "TEXT", false)]
    [InlineData(null, "TEXT", false)]
    [InlineData("""{"tokenizer_class": "GPT2Tokenizer", "chat_template": "another"}""", "TEXT", true)]
    [InlineData("""{"eos_token": "<|endoftext|>"}""", "TEXT", true)]
    [InlineData("""{"tokenizer_class": "GPT2Tokenizer"}""", "{% if tools is not none %}\nno\n{% endif %}\nTEXT", true)]
    public void A_folder_has_the_template_that_would_not_be_read_as_the_model_has_it(string? config, string? template, bool loads)
    {
        const string Text = "T{{ messages[0].content }}";
        using var folder = new TemporaryFolder();
        File.Copy(Repository.Find("models", "demo", "tokenizer.json"), folder.File("tokenizer.json"));
        Write(folder.Path, With(config), With(template));
        var files = HostFile.Of(folder.Path, ModelTokenizer.Load(folder.Path).Files, WeightType.F32);
        if (loads)
        {
            Put(files);
            Assert.NotEqual("THi", Rendered());
        }

        Put(HostFolder.Of(files, folder.Path));
        Assert.Equal("THi", Rendered());

        static string? With(string? file) => file?.Replace("TEXT", Text, StringComparison.Ordinal);

        string? Rendered()
        {
            using var tokenizer = new Tokenizer(host.Model);
            return Render(tokenizer, Question, addGenerationPrompt: true);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_published_template_says_the_same_where_it_has_nothing_that_the_renderer_lacks(string model)
    {
        var tokens = TemplateGolden.TokensOf(model);
        // Its renderer asks the clock for today's date.
        var template = new ChatTemplate(
            model, TemplateGolden.Load(model).Source, tokens, DateOnly.FromDateTime(TimeProvider.System.GetLocalNow().Date));
        var written = GenAiTemplate.Of(model, template.Source);
        Write(host.Folder, JsonSerializer.Serialize(new
        {
            tokenizer_class = "PreTrainedTokenizerFast",
            bos_token = tokens.TryGetValue("bos_token", out var first) ? first.GetString() : null,
            eos_token = tokens.TryGetValue("eos_token", out var last) ? last.GetString() : null,
            chat_template = written.Text,
        }), template: null);
        using var tokenizer = new Tokenizer(host.Model);
        var (same, refused, others) = (0, 0, new List<string>());
        foreach (var conversation in TemplateGolden.Conversations.Where(IsUsual))
        {
            var messages = conversation.GetProperty("messages");
            var prompt = conversation.GetProperty("add_generation_prompt").GetBoolean();
            var (ours, theirs) = (RenderedHere(template, messages, prompt), Render(tokenizer, messages.GetRawText(), prompt));
            if (ours != theirs)
            {
                others.Add($"{conversation.GetProperty("name")}:\n  {Json(theirs)}\n  {Json(ours)}");
            }
            else if (ours is null)
            {
                refused++;
            }
            else
            {
                same++;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{model}: {same} the same, {refused} refused by both, {others.Count} others; lacks {string.Join(", ", written.Lacks)}");
        Assert.True(others.Count == 0 || written.Lacks.Count > 0, string.Join('\n', others.Take(5)));
        Assert.InRange(same, 1, int.MaxValue);
    }

    // As what it lacks was found: a construct each.
    [Fact]
    public void What_is_said_to_be_lacking_is_and_the_rest_is_not()
    {
        using var tokenizer = new Tokenizer(host.Model);
        var wrong = new List<string>();
        var messages = JsonDocument.Parse(Question).RootElement;
        foreach (var source in File.ReadLines(Repository.Find("tests", "GenAI.Tests", "constructs.txt")))
        {
            var written = GenAiTemplate.Of("template", source);
            var (ours, theirs) = (RenderedHere(source, messages), Render(tokenizer, Question, true, written.Text));
            if ((ours == theirs) != (written.Lacks.Count == 0))
            {
                wrong.Add($"{source}: lacks [{string.Join(", ", written.Lacks)}], {ours}, {theirs}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // Texts by themselves, as GenAI's own client sends them; its 'trim' takes the white space of ASCII alone.
    static bool IsUsual(JsonElement conversation)
    {
        var messages = conversation.GetProperty("messages").EnumerateArray().ToList();
        return messages.Count > 0 && !conversation.GetProperty("variables").EnumerateObject().Any()
            && !conversation.GetProperty("name").GetString()!.Contains("spaces around", StringComparison.Ordinal)
            && messages.TrueForAll(message => message.EnumerateObject().Count() == 2
                && message.TryGetProperty("role", out _) && message.TryGetProperty("content", out var content)
                && content.ValueKind == JsonValueKind.String);
    }

    static string Json(string? text) => JsonSerializer.Serialize(text);

    static string? RenderedHere(string source, JsonElement messages)
    {
        try
        {
            return RenderedHere(new ChatTemplate("template", source, new Dictionary<string, JsonElement>()), messages, true);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
            return null;
        }
    }

    static string? RenderedHere(ChatTemplate template, JsonElement messages, bool addGenerationPrompt)
    {
        try
        {
            return template.Render(messages, addGenerationPrompt);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or TemplateRefusalException)
        {
            return null;
        }
    }

    static string? Render(Tokenizer tokenizer, string messages, bool addGenerationPrompt, string? template = null)
    {
        try
        {
            return tokenizer.ApplyChatTemplate(template!, messages, null!, addGenerationPrompt);
        }
        catch (OnnxRuntimeGenAIException)
        {
            return null;
        }
    }

    void Put(IReadOnlyList<HostFile> files)
    {
        Write(host.Folder, config: null, template: null);
        foreach (var file in files)
        {
            file.WriteTo(host.Folder);
        }
    }

    static void Write(string folder, string? config, string? template)
    {
        foreach (var (name, text) in new[] { ("tokenizer_config.json", config), ("chat_template.jinja", template) })
        {
            File.Delete(Path.Combine(folder, name));
            if (text is not null)
            {
                File.WriteAllText(Path.Combine(folder, name), text);
            }
        }
    }
}
