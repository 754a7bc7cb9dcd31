using System.Text.Json;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Tests.Train;

namespace OrtDpo.Cli.Tests.Generate;

public sealed class GenerateOptionsTests
{
    const string Prompt = "User: What do you call a young dog?\nAssistant:";

    [Theory]
    [InlineData("--temperature has no effect without --sample.", "--temperature", "0.7")]
    [InlineData("--top-k has no effect without --sample.", "--top-k", "5")]
    [InlineData("--top-p has no effect without --sample.", "--top-p", "0.5")]
    [InlineData("--min-p has no effect without --sample.", "--min-p", "0.5")]
    [InlineData("--seed has no effect without --sample.", "--seed", "0")]
    [InlineData("--num-samples has no effect without --sample.", "--num-samples", "2")]
    [InlineData("--columns has no effect without --prompts.", "--columns", "prompt=q")]
    [InlineData("--system has no effect without --chat or --prompts.", "--system", "Be brief.")]
    [InlineData("--chat-template has no effect without --chat or --prompts.", "--chat-template", "file")]
    [InlineData("--chat-template-kwargs has no effect without --chat or --prompts.", "--chat-template-kwargs", "{}")]
    [InlineData("--template-date has no effect without --chat or --prompts.", "--template-date", "2026-01-01")]
    [InlineData("--prompt and --prompts are both given; prompts come from one of them.", "--prompts", "file")]
    [InlineData("--model and --run are both given; one of them says which model writes.", "--run", "folder")]
    [InlineData("--temperature is 0; it must be positive.", "--sample", "--temperature", "0")]
    [InlineData("--top-k is -1; it must be 0 or more.", "--sample", "--top-k", "-1")]
    [InlineData("--top-p is 1.5; it must be between 0 and 1.", "--sample", "--top-p", "1.5")]
    [InlineData("--min-p is -1; it must be between 0 and 1.", "--sample", "--min-p", "-1")]
    [InlineData("--repetition-penalty is 0; it must be positive.", "--repetition-penalty", "0")]
    public void What_has_no_effect_or_cannot_be_is_a_fault_of_the_command_line(string sentence, params string[] arguments)
    {
        var (exitCode, output, error) = Run(["generate", "--model", "m", "--prompt", "p", .. arguments]);
        Assert.Equal((2, "", $"{sentence} See ortdpo generate --help.\n"), (exitCode, output, error));
    }

    [Theory]
    [InlineData("--adapter has no effect beside --run, which decides it.", "--adapter", "a")]
    [InlineData("--base has no effect beside --run, which decides it.", "--base", "nf4")]
    public void A_run_decides_adapter_and_base(string sentence, params string[] arguments)
    {
        foreach (var verb in (string[][])[["generate", "--prompt", "p"], ["chat"]])
        {
            var (exitCode, _, error) = Run([.. verb, "--run", "r", .. arguments]);
            Assert.Equal((2, $"{sentence} See ortdpo {verb[0]} --help.\n"), (exitCode, error));
        }
    }

    [Fact]
    public void Sampling_is_by_the_model_s_file_but_for_what_is_given()
    {
        using var folder = Demo();
        folder.Write("generation_config.json", """{"temperature": 0.5, "top_k": 40, "top_p": 0.9, "num_beams": 2}""");
        var (exitCode, output, error) = Run(
            "generate", "--model", folder.Path, "--prompt", Prompt, "--sample", "--top-k", "0", "--min-p", "0.05", "--seed", "7");
        Assert.Equal((0, ""), (exitCode, error));
        var lines = output.Split('\n');
        Assert.Equal("sampling: temperature 0.5 (generation_config.json), top-p 0.9 (generation_config.json), min-p 0.05 (--min-p), seed 7",
            lines[0]);
        Assert.Equal($"not applied: num_beams of {folder.File("generation_config.json")}", lines[1]);
        Assert.Equal("User: What do you call a young dog?", lines[2]);
    }

    [Fact]
    public void A_file_of_prompts_gives_an_object_a_text_on_a_line()
    {
        using var folder = Demo();
        var prompts = folder.Write("prompts.jsonl", """
            {"prompt": "User: What do you call a young dog?\nAssistant:"}
            {"messages": [{"role": "user", "content": "What do you call a young dog?"}]}
            """);
        var template = folder.Write("t.jinja", "{% for m in messages %}User: {{ m.content }}\nAssistant:{% endfor %}");
        var (exitCode, output, error) = Run(
            "generate", "--model", folder.Path, "--prompts", prompts, "--chat-template", template, "--json", "--sample", "--num-samples",
            "2", "--top-k", "5");
        Assert.Equal((0, ""), (exitCode, error));
        var made = output.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(
            ["prompts.jsonl:1 1", "prompts.jsonl:1 2", "prompts.jsonl:2 1", "prompts.jsonl:2 2"],
            made.Select(text => $"{text.GetProperty("id").GetString()} {text.GetProperty("sample").GetInt32()}"));

        // The template writes the second as the first stands there: the same prompt and seed are the same text.
        Assert.All(made, text => Assert.Equal(Prompt, text.GetProperty("prompt").GetString()));
        var tokens = made.ConvertAll(text => string.Join(' ', text.GetProperty("tokens").EnumerateArray()));
        Assert.Equal(tokens[..2], tokens[2..]);
        Assert.NotEqual(tokens[0], tokens[1]);
        Assert.All(made, text =>
        {
            Assert.Equal(text.GetProperty("new_tokens").GetInt32(), text.GetProperty("tokens").GetArrayLength());
            Assert.Equal((14, "stop", 0L), (
                text.GetProperty("prompt_tokens").GetInt32(), text.GetProperty("finish_reason").GetString(),
                text.GetProperty("seed").GetInt64()));
            Assert.Equal(
                """{"temperature":1,"top_k":5,"top_p":1,"min_p":0}""", text.GetProperty("sampling").GetRawText());
        });
    }

    [Fact]
    public void Several_texts_each_have_their_title()
    {
        using var folder = Demo();
        var prompts = folder.Write("prompts.jsonl", """
            {"q": "User: What do you call a young dog?\nAssistant:"}
            {"q": "User: Name a colour.\nAssistant:"}
            """);
        var (_, output, error) = Run(
            "generate", "--model", folder.Path, "--prompts", prompts, "--columns", "prompt=q", "--max-new-tokens", "3");
        Assert.Equal("", error);
        Assert.Matches(
            @"\A--- prompts\.jsonl:1\nUser: What do you call a young dog\?\nAssistant: .+\n\n--- prompts\.jsonl:2\nUser: Name a colour\.\n"
                + @"Assistant: .+\n\z",
            output);
    }

    static TemporaryFolder Demo()
    {
        var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(Repository.Find("models", "demo")))
        {
            File.Copy(file, folder.File(Path.GetFileName(file)));
        }

        return folder;
    }

    static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        string[] threads = arguments.Contains("--model") && arguments.Contains("m") || arguments.Contains("--run")
            ? [] : ["--threads", $"{TrainingTrial.Threads}"];
        var exitCode = CommandLineProgram.Run(OrtDpoCommand.Create(), [.. arguments, .. threads], output, error);
        return (exitCode, output.ToString(), error.ToString());
    }
}
