using OrtDpo.Runtime.Generation;

namespace OrtDpo.Generate.Tests;

/// <summary>The C# of docs/generate.md: the lines that it shows are those between the marks, and they run.</summary>
[Trait("Speed", "native")]
public sealed class DocumentTests
{
    const string Begin = "        // docs/generate.md begins\n";
    const string End = "        // docs/generate.md ends\n";

    [Fact]
    public void What_it_shows_is_what_runs_here()
    {
        var source = File.ReadAllText(Repository.Find("tests", "Generate.Tests", "DocumentTests.cs"));
        var start = source.LastIndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var lines = source[start..source.LastIndexOf(End, StringComparison.Ordinal)].Split('\n')
            .Select(line => line.Length > 8 ? line[8..] : line);
        Assert.Equal(
            ReadmeFile.BlocksOf("docs", "generate.md").Single(block => block.Language == "csharp").Text, string.Join('\n', lines));
    }

    [Fact]
    public void It_runs()
    {
        using var folder = new DemoChat();
        var printed = Printed(folder.Path, folder.Write("template.jinja", DemoChat.Template)).Split('\n');
        Assert.Matches(@"^ .* \((Stop|Length), \d+ tokens\)$", printed[0]);
        Assert.Equal(4, printed.Length);
    }

    static string Printed(string model, string template)
    {
        // docs/generate.md begins
        using var text = TextModel.Load(model, threads: 2);
        var options = new GenerationOptions { MaxNewTokens = 24, Sampling = new Sampling { Temperature = 0.8, TopK = 20 }, Seed = 1 };
        var made = text.Generate("User: What is a puppy?\nAssistant:", options, told =>
        {
            if (told is GenerationEvent.Part part)
            {
                Console.Write(part.Text);
            }
        });
        Console.WriteLine($" ({made.Finish}, {made.Ids.Count} tokens)");

        var chat = text.Chat(new ChatOptions { Template = new TemplateOptions { File = template } });
        Console.WriteLine(chat.Say("What is a puppy?").Text);
        Console.WriteLine(chat.Say("And a kitten?").Text);
        // docs/generate.md ends
        return Console.Printed.ToString();
    }

    // Where what the lines print can be read.
    static class Console
    {
        public static StringWriter Printed { get; } = new() { NewLine = "\n" };

        public static void Write(string text) => Printed.Write(text);

        public static void WriteLine(string text) => Printed.WriteLine(text);
    }
}
