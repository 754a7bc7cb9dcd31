using System.CommandLine;
using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Cli.Tests.CommandLine;

/// <summary>An option that needs a value, and is followed by another option, has none: nobody means that option for its value.</summary>
public sealed class MissingValueTests
{
    public static TheoryData<string> Verbs => [.. OrtDpoCommand.Create().Subcommands.Select(verb => verb.Name)];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void An_option_that_follows_is_no_value_of_any_option(string name)
    {
        var options = Verb(name).Options;
        foreach (var (i, option) in options.Index().Where(option => option.Item.Arity.MinimumNumberOfValues > 0))
        {
            var next = options[(i + 1) % options.Count];
            Assert.NotSame(option, next);
            foreach (var following in new[] { next.Name, $"{next.Name}=1" })
            {
                var (exitCode, error) = Run(name, option.Name, following, "cuda");
                Assert.Equal(2, exitCode);
                Assert.StartsWith($"{option.Name} has no value; it needs ", error, StringComparison.Ordinal);
                Assert.EndsWith($". See ortdpo {name} --help.", error, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("--data has no value; it needs a value.", "--data", "--device", "cuda")]
    [InlineData("--data has no value; it needs a value.", "--data", "--device", "cuda", "--data", "pairs.jsonl")]
    [InlineData("--batch-pairs has no value; it needs a whole number.", "--batch-pairs", "--data", "pairs.jsonl")]
    [InlineData("--stream has no value; it needs one of auto, on, off.", "--data", "pairs.jsonl", "--stream", "--device", "cuda")]
    [InlineData("--eval-data has no value; it needs a value.", "--data", "pairs.jsonl", "--eval-data", "--resume")]
    public void The_sentence_says_what_it_needs(string sentence, params string[] arguments) => Assert.Equal(
        (2, $"{sentence} See ortdpo sft --help."), Run(["sft", "--model", "m", "--out", "o", .. arguments]));

    [Theory]
    [InlineData("--prompt=--device")]
    [InlineData("--prompt=--device=cuda")]
    public void A_value_that_is_called_like_an_option_stands_behind_an_equals_sign(string prompt)
    {
        var (exitCode, error) = Run("generate", "--model", "no-such-folder", prompt);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("The model folder no-such-folder does not exist.", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_called_like_an_option_is_a_file_that_is_not_there()
    {
        var (exitCode, error) = Run("sft", "--model", "no-such-folder", "--out", "o", "--data=--device");
        Assert.Equal(1, exitCode);
        Assert.DoesNotContain("is not an option", error, StringComparison.Ordinal);
    }

    static Command Verb(string name) => OrtDpoCommand.Create().Subcommands.Single(verb => verb.Name == name);

    static (int ExitCode, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = CommandLineProgram.Run(OrtDpoCommand.Create(), arguments, output, error);
        return (exitCode, error.ToString().TrimEnd());
    }
}
