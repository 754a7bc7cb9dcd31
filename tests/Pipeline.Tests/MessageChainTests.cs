using System.Text.Json;
using System.Text.Json.Nodes;
using OrtDpo.Data.Cache;

namespace OrtDpo.Pipeline.Tests;

/// <summary>Rows of messages, which the model's chat template writes, through the programs as a user runs them.</summary>
public sealed class MessageChainTests : IDisposable
{
    // Writes the date and the end of each turn, and takes turns only in their order.
    const string Template = """
        {{ strftime_now('%Y-%m-%d') }}{% for m in messages %}
        {%- if loop.index0 % 2 == 0 and m.role != 'user' %}{{ raise_exception('A user speaks first, then they take turns.') }}{% endif %}
        {{- '\n' + m.role + ': ' + m.content + (eos_token if m.role == 'assistant' else '') }}{% endfor %}
        {%- if add_generation_prompt %}{{ '\nassistant:' }}{% endif %}
        """;

    readonly TemporaryFolder folder = new();

    public MessageChainTests()
    {
        TinyModel.Write(Model);
        File.WriteAllText(Path.Combine(Model, "chat_template.jinja"), Template);
    }

    string Model => folder.File("model");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Messages_are_written_by_the_template_scored_verified_and_trained_on()
    {
        var data = Pairs();
        string[] of = ["--model", Model, "--data", data, "--template-date", "2026-01-31"];
        var inspected = JsonNode.Parse(TinyPipeline.Succeed(["inspect", .. of, "--json"]))!;
        // The tiny model's tokenizer puts its beginning-of-sequence token, <|user|>, in front.
        Assert.Equal(
            "<|user|>2026-01-31\nuser: 0?\nassistant: Sure.<|endoftext|>\nuser: Really?\nassistant:",
            (string)inspected["shown_text"]!["prompt"]!);
        Assert.Equal(" Yes 0, please.<|endoftext|>", (string)inspected["shown_text"]!["chosen"]!);
        Assert.Equal(" No 0<|endoftext|>", (string)inspected["shown_text"]!["rejected"]!);

        var scored = TinyPipeline.Succeed(["precompute", .. of, "--eval-fraction", "0.25", "--out", folder.File("ref")]);
        Assert.Contains("today is 2026-01-31", scored, StringComparison.Ordinal);
        Assert.Contains("25 rows: 24 kept whole, 0 kept truncated, 1 dropped.", scored, StringComparison.Ordinal);
        Assert.Contains("dropped, template_refused: 1 (chats.jsonl:25)", scored, StringComparison.Ordinal);
        Assert.Contains(
            "the template refuses the messages (\"A user speaks first, then they take turns.\").", scored, StringComparison.Ordinal);
        Assert.Contains("completions that end with the end-of-sequence token: 100.0 %", scored, StringComparison.Ordinal);
        Assert.Contains(
            "everything is as it was written",
            TinyPipeline.Succeed("verify", folder.File("ref"), "--model", Model), StringComparison.Ordinal);

        string[] train = ["train", "--model", Model, "--ref", folder.File("ref"), "--max-steps", "2"];
        Assert.Matches(@"step-0 gate: passed on \d+ rows", TinyPipeline.Succeed([.. train, "--out", folder.File("run")]));
        File.AppendAllText(Path.Combine(Model, "chat_template.jinja"), "{# another #}");
        var other = OrtDpoProgram.Run([.. train, "--out", folder.File("other")]);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("was made with chat template", other.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_conversations_are_fine_tuned_on_and_feedback_on_messages_is_scored()
    {
        string[] date = ["--template-date", "2026-01-31"];
        var chats = folder.Write("sft.jsonl", Lines(12, i => new { messages = new[] { User($"{i}?"), Assistant($"Yes {i}.") } }));
        var tuned = TinyPipeline.Succeed(
            ["sft", "--model", Model, "--data", chats, "--max-steps", "2", .. date, "--out", folder.File("sft")]);
        Assert.Contains("12 rows: 12 kept whole, 0 kept truncated, 0 dropped.", tuned, StringComparison.Ordinal);

        var feedback = folder.Write("feedback.jsonl", Lines(12, i => new
        {
            prompt = new[] { User($"{i}?") }, completion = new[] { Assistant($"Yes {i}.") }, label = i % 2 == 0,
        }));
        var scored = TinyPipeline.Succeed(["precompute", "--model", Model, "--data", feedback, .. date, "--out", folder.File("kto")]);
        Assert.Contains("labels: 6 desirable, 6 undesirable", scored, StringComparison.Ordinal);
        Assert.All(ReferenceCache.Open(folder.File("kto")).Rows, row => Assert.True(double.IsFinite(row.Reference[0].Sum)));
    }

    [Fact]
    public void A_template_that_writes_the_date_is_refused_without_one()
    {
        var run = OrtDpoProgram.Run("precompute", "--model", Model, "--data", Pairs(), "--out", folder.File("ref"));
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("--template-date", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("ref")));
    }

    // The last row does not take turns.
    string Pairs() => folder.Write("chats.jsonl", Lines(24, i => new
    {
        prompt = new[] { User($"{i}?"), Assistant("Sure."), User("Really?") },
        chosen = new[] { Assistant($"Yes {i}, please.") },
        rejected = new[] { Assistant($"No {i}") },
    }) + Lines(1, i => new
    {
        prompt = new[] { Assistant("Me first.") },
        chosen = new[] { Assistant("a") },
        rejected = new[] { Assistant("b") },
    }));

    static string Lines(int count, Func<int, object> row) =>
        string.Concat(Enumerable.Range(0, count).Select(i => JsonSerializer.Serialize(row(i)) + "\n"));

    static object User(string content) => new { role = "user", content };

    static object Assistant(string content) => new { role = "assistant", content };
}
