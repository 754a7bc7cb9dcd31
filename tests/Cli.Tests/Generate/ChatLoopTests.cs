using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Generate;
using OrtDpo.Cli.Tests.Train;
using OrtDpo.Generate;
using OrtDpo.Runtime.Models;

namespace OrtDpo.Cli.Tests.Generate;

[Trait("Speed", "native")]
public sealed class ChatLoopTests : IDisposable
{
    const string Dog = "What do you call a young dog?";

    readonly TemporaryFolder folder = new();
    readonly TextModel model = TextModel.Load(Repository.Find("models", "demo"), TrainingTrial.Threads);

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Each_line_is_answered_on_a_line_of_its_own()
    {
        var (said, answers) = Run($"{Dog}\n\n   \n{Dog}\n", isInteractive: false);
        var chat = Chat();
        string[] expected = [Answer(chat), Answer(chat)];
        Assert.Equal($"{expected[0]}\n{expected[1]}\n", said);
        Assert.Equal(4, answers.Messages.Count);
    }

    [Fact]
    public void A_reset_forgets_and_an_exit_ends()
    {
        var (said, chat) = Run($"{Dog}\n/reset\n{Dog}\n/exit\n{Dog}\n", isInteractive: false);
        var answer = Answer(Chat());
        Assert.Equal($"{answer}\n(forgotten)\n{answer}\n", said);
        Assert.Equal(2, chat.Messages.Count);
    }

    [Fact]
    public void Somebody_who_types_is_asked_and_told_of_the_commands()
    {
        var (said, _) = Run($"{Dog}\n", isInteractive: true);
        Assert.Equal(
            "/reset forgets the conversation, /exit ends it; Ctrl+C stops an answer.\n"
                + $"> {Answer(Chat())}\n> ",
            said);
    }

    [Fact]
    public void What_begins_with_a_slash_is_a_command_or_has_a_space_before_it()
    {
        var (said, chat) = Run("/help me\n", isInteractive: false);
        Assert.Equal(
            "('/help' is no command: /reset forgets the conversation, /exit ends it. A message that begins so has a space before it.)\n",
            said);
        Assert.Empty(chat.Messages);
        Assert.Equal("/help", Run(" /help\n", isInteractive: false).Chat.Messages[0].Content);
    }

    [Fact]
    public void A_message_that_cannot_be_answered_ends_a_pipe_and_no_conversation()
    {
        var lines = string.Concat(Enumerable.Repeat("a b ", 200)) + $"\n{Dog}\n";
        Assert.Throws<InvalidDataException>(() => Run(lines, isInteractive: false));
        var (said, chat) = Run(lines, isInteractive: true);
        Assert.Contains("> (The message has ", said, StringComparison.Ordinal);
        Assert.Equal(2, chat.Messages.Count);
    }

    [Fact]
    public void An_answer_that_is_cut_says_so()
    {
        var (said, _) = Run($"{Dog}\n", isInteractive: false, most: 2);
        Assert.EndsWith("\n(cut after 2 tokens: --max-new-tokens)\n", said, StringComparison.Ordinal);
    }

    static string Answer(Chat chat) => chat.Say(Dog, stop: TestContext.Current.CancellationToken).Text;

    (string Said, Chat Chat) Run(string lines, bool isInteractive, int most = 512)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        var chat = Chat(most);
        new ChatLoop(
            chat, new StringReader(lines), new ProgramOutput(writer, TimeProvider.System), new OffloadChoice(), isInteractive).Run();
        return (writer.ToString(), chat);
    }

    Chat Chat(int most = 512) => model.Chat(new ChatOptions
    {
        Template = new TemplateOptions
        {
            File = folder.Write(
                "template.jinja",
                "{% for m in messages %}{% if m.role == 'user' %}User: {{ m.content }}\nAssistant:"
                    + "{% else %}{{ m.content }}<|endoftext|>\n{% endif %}{% endfor %}"),
        },
        Generation = new GenerationOptions { MaxNewTokens = most },
    });
}
