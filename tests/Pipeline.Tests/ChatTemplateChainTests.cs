using System.Text.Json;
using System.Text.Json.Nodes;
using OrtDpo.Data;
using OrtDpo.Tokenizers;

namespace OrtDpo.Pipeline.Tests;

/// <summary>A chat template that is given as a file, through the programs as a user runs them: what is trained keeps it.</summary>
public sealed class ChatTemplateChainTests : IDisposable
{
    // A template that no folder here has.
    const string Given = "{% for m in messages %}[{{ m.role }}] {{ m.content }}{{ eos_token }}{% endfor %}"
        + "{% if add_generation_prompt %}[assistant]{% endif %}";

    const string Old = "{% for m in messages %}{{ m.content }}{% endfor %}";

    const string Everything = "everything is as it was written";

    readonly TemporaryFolder folder = new();
    readonly string given;

    public ChatTemplateChainTests()
    {
        TinyModel.Write(Model);
        File.WriteAllText(Path.Combine(Model, "tokenizer_config.json"), Config(Old));
        given = folder.Write("given.jinja", Given);
    }

    string Model => folder.File("model");

    string Run => folder.File("run");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_cache_asks_for_the_template_that_it_was_made_with_and_what_is_trained_and_exported_has_it()
    {
        var cache = folder.File("ref");
        string[] of = ["--model", Model, "--data", Pairs(), "--chat-template", given];
        var inspected = JsonNode.Parse(TinyPipeline.Succeed(["inspect", .. of, "--json"]))!;
        Assert.Equal(
            "<|user|>[user] 0?<|endoftext|>[assistant]", (string)inspected["shown_text"]!["prompt"]!);
        Assert.Contains(
            $"of {given}",
            TinyPipeline.Succeed(["precompute", .. of, "--eval-fraction", "0.25", "--out", cache]), StringComparison.Ordinal);

        string[] train = ["train", "--model", Model, "--ref", cache, "--max-steps", "2", "--save-steps", "1"];
        var refused = Refuse([.. train, "--out", Run]);
        Assert.StartsWith($"{cache} was made with chat template", refused, StringComparison.Ordinal);
        Assert.EndsWith(
            "Pass --chat-template with the file that precompute had, or run precompute again.", refused, StringComparison.Ordinal);
        var other = folder.Write("other.jinja", Given + " ");
        Assert.Contains("and this run uses", Refuse([.. train, "--chat-template", other, "--out", Run]), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Run));

        Assert.Matches(
            @"step-0 gate: passed on \d+ rows", TinyPipeline.Succeed([.. train, "--chat-template", given, "--out", Run]));
        Assert.Contains(Everything, TinyPipeline.Succeed("verify", Run), StringComparison.Ordinal);
        TinyPipeline.Succeed("eval", "--run", Run);
        var export = folder.File("export");
        TinyPipeline.Succeed("export", "--run", Run, "--out", export);
        string[] made = [Checkpoint(1), Checkpoint(2)];
        Assert.All(made, HasTheTemplate);
        IsForHosts(export);

        // A checkpoint is a model with a template of its own: a cache of it needs no file, and neither does training.
        var again = folder.File("again");
        TinyPipeline.Succeed("precompute", "--model", Checkpoint(2), "--data", Pairs(), "--out", again);
        TinyPipeline.Succeed(
            "train", "--model", Checkpoint(2), "--ref", again, "--max-steps", "1", "--out", folder.File("further"));
        TinyPipeline.Succeed(
            "train", "--model", Checkpoint(2), "--ref", cache, "--max-steps", "1", "--out", folder.File("furthermore"));
    }

    // Their other files are the base's, which has another template.
    [Fact]
    public void What_is_made_of_an_adapter_has_the_template_that_it_was_trained_with()
    {
        TinyPipeline.Succeed(
            "sft", "--model", Model, "--data", Chats(), "--chat-template", given, "--lora-rank", "2", "--max-steps", "1", "--out", Run);
        var (merged, whole, hosted) = (folder.File("merged"), folder.File("whole"), folder.File("hosted"));
        TinyPipeline.Succeed("merge", "--adapter", Checkpoint(1), "--out", merged);
        TinyPipeline.Succeed("export", "--run", Run, "--out", whole);
        TinyPipeline.Succeed("export", "--run", Run, "--adapters", "--out", hosted);
        HasTheTemplate(merged);
        IsForHosts(whole);
        IsForHosts(hosted);
    }

    [Fact]
    public void A_run_on_data_keeps_it_and_goes_on_with_the_same_template_alone()
    {
        string[] sft = ["sft", "--model", Model, "--data", Chats(), "--max-steps", "2", "--save-steps", "1", "--out", Run];
        TinyPipeline.Succeed([.. sft, "--chat-template", given]);
        Assert.Contains(Everything, TinyPipeline.Succeed("verify", Run), StringComparison.Ordinal);
        HasTheTemplate(Checkpoint(2));
        var weights = File.ReadAllBytes(Path.Combine(Checkpoint(2), "model.safetensors"));

        // As if killed before the last checkpoint.
        Directory.Delete(Checkpoint(2), recursive: true);
        File.Delete(Path.Combine(Run, "manifest.json"));
        var other = folder.Write("other.jinja", Given + " ");
        Assert.Contains("the run was started with chat_template", Refuse([.. sft, "--resume"]), StringComparison.Ordinal);
        Assert.Contains(
            "the run was started with chat_template_digest",
            Refuse([.. sft, "--chat-template", other, "--resume"]), StringComparison.Ordinal);
        var moved = folder.Write("moved.jinja", Given);
        TinyPipeline.Succeed([.. sft, "--chat-template", moved, "--resume"]);
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(Checkpoint(2), "model.safetensors")));
        HasTheTemplate(Checkpoint(2));
        Assert.Contains(Everything, TinyPipeline.Succeed("verify", Run), StringComparison.Ordinal);
        var digest = ChatTemplateFolder.Load(Checkpoint(2)).Digest;
        Assert.Equal(digest, (string)JsonNode.Parse(File.ReadAllText(Path.Combine(Run, "manifest.json")))!["inputs"]!["chat_template"]!);
    }

    [Fact]
    public void A_run_that_was_begun_without_it_does_not_go_on_with_it()
    {
        string[] sft = ["sft", "--model", Model, "--data", Chats(), "--max-steps", "2", "--save-steps", "1", "--out", Run];
        TinyPipeline.Succeed(sft);
        Assert.DoesNotContain("chat_template", File.ReadAllText(Path.Combine(Run, "config.yaml")), StringComparison.Ordinal);
        Assert.Equal(Config(Old), File.ReadAllText(Path.Combine(Checkpoint(2), "tokenizer_config.json")));
        Assert.False(File.Exists(Path.Combine(Checkpoint(2), "chat_template.jinja")));
        Directory.Delete(Checkpoint(2), recursive: true);
        Assert.Contains(
            "the run was started with chat_template_digest nothing",
            Refuse([.. sft, "--chat-template", given, "--resume"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_no_row_holds_messages_it_is_refused_and_nothing_is_left_behind()
    {
        var data = folder.Write("pairs.jsonl", TinyPairs.Lines(12));
        var cache = folder.File("ref");
        const string NoMessages = "--chat-template has no effect: no row holds messages. Leave it out.";
        string[] rows = ["--model", Model, "--data", data];
        string[] template = ["--chat-template", given];
        Assert.Equal(NoMessages, Refuse(["inspect", .. rows, .. template]));
        Assert.Equal(NoMessages, Refuse(["precompute", .. rows, .. template, "--out", cache]));
        Assert.Equal(
            NoMessages, Refuse(["train", .. rows, .. template, "--loss", "simpo", "--gamma", "0.5", "--max-steps", "1", "--out", Run]));
        TinyPipeline.Succeed(["precompute", .. rows, "--out", cache]);
        Assert.Equal(
            $"--chat-template has no effect: {cache} was made of rows that hold no messages. Leave it out.",
            Refuse(["train", "--model", Model, "--ref", cache, .. template, "--max-steps", "1", "--out", Run]));
        Assert.Equal(
            "--chat-template is 'nope.jinja', and there is no such file; expected a chat template in Jinja. Give the path of one.",
            Refuse(["train", "--model", Model, "--ref", cache, "--chat-template", "nope.jinja", "--max-steps", "1", "--out", Run]));
        // With neither data nor a cache it belongs to nothing.
        Assert.Equal(2, OrtDpoProgram.Run(["train", "--model", Model, .. template, "--out", Run]).ExitCode);
        Assert.False(Directory.Exists(Run));
    }

    static string Refuse(string[] arguments)
    {
        var run = OrtDpoProgram.Run(arguments);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        return run.Error.TrimEnd('\n');
    }

    void HasTheTemplate(string made)
    {
        Assert.Equal(File.ReadAllBytes(given), File.ReadAllBytes(Path.Combine(made, "chat_template.jinja")));
        Assert.Equal(Config(Given), File.ReadAllText(Path.Combine(made, "tokenizer_config.json")));
        Assert.Equal("with tools", File.ReadAllText(Path.Combine(made, "additional_chat_templates", "tool_use.jinja")));
        Assert.Equal(ModelTokenizer.Load(Model).Digest, ModelTokenizer.Load(made).Digest);
    }

    // GenAI reads a text, of a tokenizer that has a class.
    void IsForHosts(string made)
    {
        Assert.Equal(File.ReadAllBytes(given), File.ReadAllBytes(Path.Combine(made, "chat_template.jinja")));
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(made, "tokenizer_config.json")))!;
        Assert.Equal(Given, (string)config["chat_template"]!);
        Assert.Equal(
            ("<|endoftext|>", "PreTrainedTokenizerFast", "left"),
            ((string)config["eos_token"]!, (string)config["tokenizer_class"]!, (string)config["padding_side"]!));
        Assert.Equal("with tools", File.ReadAllText(Path.Combine(made, "additional_chat_templates", "tool_use.jinja")));
        Assert.Equal(ModelTokenizer.Load(Model).Digest, ModelTokenizer.Load(made).Digest);
    }

    string Checkpoint(int step) => Path.Combine(Run, "checkpoints", $"step-{step}");

    static string Config(string template) =>
        $$"""{"eos_token": "<|endoftext|>", "chat_template": [{"name": "default", "template": "{{template}}"}, """
        + """{"name": "tool_use", "template": "with tools"}], "padding_side": "left"}""";

    string Pairs() => folder.Write("pairs-of-messages.jsonl", Lines(i => new
    {
        prompt = new[] { Says("user", $"{i}?") },
        chosen = new[] { Says("assistant", $"Yes {i}, please.") },
        rejected = new[] { Says("assistant", $"No {i}") },
    }));

    string Chats() =>
        folder.Write("chats.jsonl", Lines(i => new { messages = new[] { Says("user", $"{i}?"), Says("assistant", $"Yes {i}.") } }));

    static string Lines(Func<int, object> row) =>
        string.Concat(Enumerable.Range(0, 16).Select(i => JsonSerializer.Serialize(row(i)) + "\n"));

    static object Says(string role, string content) => new { role, content };
}
