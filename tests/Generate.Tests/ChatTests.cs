using System.Text.Json;
using OrtDpo.ChatTemplates;
using OrtDpo.Data;
using OrtDpo.Runtime.Generation;

namespace OrtDpo.Generate.Tests;

[Trait("Speed", "native")]
public sealed class ChatTests : IDisposable
{
    const int Threads = 2;
    const string Dog = "What do you call a young dog?";
    const string Cat = "What do you call a young cat?";

    readonly DemoChat folder = new();
    readonly TextModel model;

    public ChatTests() => model = TextModel.Load(folder.Path, Threads);

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    /// <summary>Keys of the turns before come from the cache in the one, and from the prompt in the other.</summary>
    [Fact]
    public void An_answer_is_the_continuation_of_the_whole_conversation()
    {
        var chat = model.Chat();
        var first = chat.Say(Dog);
        var second = chat.Say(Cat);
        Assert.Equal(model.Generate($"User: {Dog}\nAssistant:").Text, first.Text);
        var whole = new PromptText($"User: {Dog}\nAssistant:{first.Text}<|endoftext|>\nUser: {Cat}\nAssistant:", IsRendered: true);
        Assert.Equal(model.Generate(whole, new GenerationOptions { MaxNewTokens = 512 }).Text, second.Text);
        Assert.Equal(
            [new ChatMessage("user", Dog), new("assistant", first.Text), new("user", Cat), new("assistant", second.Text)], chat.Messages);
    }

    [Fact]
    public void An_export_chats_as_its_checkpoint()
    {
        using var checkpoint = TextModel.Load(FirstSlice("runs", "finished", "checkpoints", "step-8"), Threads);
        using var export = TextModel.Load(FirstSlice("export"), Threads);
        var options = new ChatOptions
        {
            Template = new TemplateOptions { File = System.IO.Path.Combine(folder.Path, "chat_template.jinja") },
            Generation = new GenerationOptions { MaxNewTokens = 12 },
        };
        var (one, other) = (checkpoint.Chat(options), export.Chat(options));
        foreach (var message in (string[])["apple", "door", "bird"])
        {
            Assert.Equal(one.Say(message).Text, other.Say(message).Text);
        }
    }

    [Fact]
    public void What_the_system_says_comes_first_and_stays()
    {
        var chat = model.Chat(new ChatOptions { System = "Be brief." });
        var answer = chat.Say(Dog);
        Assert.Equal(model.Generate($"Be brief.\nUser: {Dog}\nAssistant:").Text, answer.Text);
        Assert.Equal(2, chat.Messages.Count);
    }

    [Fact]
    public void After_a_reset_it_draws_as_it_drew_first()
    {
        var chat = model.Chat(new ChatOptions
        {
            Generation = new GenerationOptions { MaxNewTokens = 30, Sampling = new Sampling { Temperature = 1.5 }, Seed = 3 },
        });
        var (first, second) = (chat.Say(Dog), chat.Say(Dog));
        Assert.NotEqual(first.Ids, second.Ids);
        chat.Reset();
        Assert.Empty(chat.Messages);
        Assert.Equal(first.Text, chat.Say(Dog).Text);
        Assert.Equal(second.Text, chat.Say(Dog).Text);
    }

    /// <summary>The model has 256 positions, and each exchange some thirty tokens.</summary>
    [Fact]
    public void The_oldest_exchanges_go_where_there_are_no_positions_left()
    {
        const string System = "Be kind.";
        var chat = model.Chat(new ChatOptions { System = System, Generation = new GenerationOptions { MaxNewTokens = 60 } });
        var dropped = 0;
        for (var i = 0; i < 12; i++)
        {
            var told = new List<GenerationEvent>();
            var answer = chat.Say(i % 2 == 0 ? Dog : Cat, told.Add);
            var now = told.OfType<GenerationEvent.Dropped>().Sum(drop => drop.Messages);
            dropped += now;
            Assert.Equal(0, now % 2);
            Assert.InRange(answer.PromptTokens, 1, 256 - 60);
            Assert.Equal((2 * (i + 1)) - dropped, chat.Messages.Count);
            var prompt = string.Concat(chat.Messages.SkipLast(1).Select(message => message.Role == "user"
                ? $"User: {message.Content}\nAssistant:" : $"{message.Content}<|endoftext|>\n"));
            var whole = new PromptText($"{System}\n{prompt}", IsRendered: true);
            Assert.Equal(model.Generate(whole, new GenerationOptions { MaxNewTokens = 60 }).Text, answer.Text);
        }

        Assert.InRange(dropped, 2, 22);
    }

    [Fact]
    public void A_message_that_does_not_fit_is_refused_and_forgotten()
    {
        var chat = model.Chat();
        var first = chat.Say(Dog);
        var refused = Assert.Throws<InvalidDataException>(() => chat.Say(string.Concat(Enumerable.Repeat("a b ", 200))));
        Assert.Matches(
            @"^The message has \d{3} tokens as the chat template writes it, and the model has 256 positions, of which an answer needs "
                + @"one at least\. Say less\.$",
            refused.Message);
        Assert.Equal([new ChatMessage("user", Dog), new("assistant", first.Text)], chat.Messages);
    }

    [Fact]
    public void An_answer_that_was_stopped_is_what_was_said()
    {
        var chat = model.Chat();
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var answer = chat.Say(Dog, told: null, stop.Token);
        Assert.Equal((FinishReason.Interrupted, 1), (answer.Finish, answer.Ids.Count));
        Assert.Equal(answer.Text, chat.Messages[1].Content);
    }

    [Fact]
    public void A_model_without_a_template_says_what_to_do()
    {
        using var plain = TextModel.Load(Repository.Find("models", "demo"), Threads);
        var refused = Assert.Throws<FileNotFoundException>(() => plain.Chat());
        Assert.EndsWith("or a file of its own as `ChatTemplate`.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_no_effect_is_refused_before_the_first_message()
    {
        using var deaf = new DemoChat("{% for m in messages if m.role != 'system' %}{{ m.content }} {% endfor %}");
        using var silent = TextModel.Load(deaf.Path, Threads);
        Assert.StartsWith(
            "`System` has no effect: ",
            Assert.Throws<InvalidDataException>(() => silent.Chat(new ChatOptions { System = "Be brief." })).Message,
            StringComparison.Ordinal);
        var switches = new Dictionary<string, JsonElement> { ["think"] = JsonSerializer.SerializeToElement(true) };
        Assert.StartsWith(
            "`ChatTemplateKwargs` sets 'think', ",
            Assert.Throws<InvalidDataException>(
                () => model.Chat(new ChatOptions { Template = new TemplateOptions { Variables = switches } })).Message,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "`TemplateDate` has no effect: ",
            Assert.Throws<InvalidDataException>(
                () => model.Chat(new ChatOptions { Template = new TemplateOptions { Date = new DateOnly(2026, 1, 1) } })).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => model.Chat(new ChatOptions { Generation = new GenerationOptions { MaxNewTokens = 0 } }));
    }

    [Fact]
    public void A_template_that_refuses_what_the_system_says_is_heard()
    {
        using var raising = new DemoChat(
            "{% if messages[0].role == 'system' %}{{ raise_exception('No system role.') }}{% endif %}" + DemoChat.Template);
        using var strict = TextModel.Load(raising.Path, Threads);
        strict.Chat().Say(Dog);
        Assert.Throws<TemplateRefusalException>(() => strict.Chat(new ChatOptions { System = "Be brief." }));
    }

    static string FirstSlice(params string[] parts) => Repository.Find(["tests", "fixtures", "first-slice", .. parts]);
}
