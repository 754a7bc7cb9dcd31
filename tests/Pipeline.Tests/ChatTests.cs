namespace OrtDpo.Pipeline.Tests;

/// <summary>The program as it is started: a conversation through a pipe.</summary>
[Trait("Speed", "native")]
public sealed class ChatTests : IDisposable
{
    const string Template = "{% for m in messages %}{% if m.role == 'user' %}User: {{ m.content }}\nAssistant:"
        + "{% elif m.role == 'assistant' %}{{ m.content }}<|endoftext|>\n{% else %}{{ m.content }}\n{% endif %}{% endfor %}";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Lines_of_a_pipe_are_answered()
    {
        var run = Run("What do you call a young dog?\n/reset\nWhat do you call a young dog?\n");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var lines = run.Output.Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.Contains("uppy", lines[0], StringComparison.Ordinal);
        Assert.Equal(("(forgotten)", lines[0]), (lines[1], lines[2]));
    }

    [Fact]
    public void A_message_that_does_not_fit_ends_it_with_a_sentence()
    {
        var run = Run(string.Concat(Enumerable.Repeat("a b ", 200)) + "\n");
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Matches(@"\AThe message has \d+ tokens as the chat template writes it, .* Say less\.\n\z", run.Error);
    }

    ProgramRun Run(string input) => ProgramRun.Of(
        "dotnet",
        [
            OrtDpoProgram.Assembly, "chat", "--model", Repository.Find("models", "demo"), "--chat-template",
            folder.Write("template.jinja", Template), "--threads", "1",
        ],
        input: input);
}
