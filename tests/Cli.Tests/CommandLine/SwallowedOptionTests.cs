using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Inspect;
using OrtDpo.Cli.Precompute;
using OrtDpo.Cli.Train;

namespace OrtDpo.Cli.Tests.CommandLine;

/// <summary>A misspelt option behind one that takes several values is no file.</summary>
public sealed class SwallowedOptionTests
{
    static readonly string[] Places =
        ["--data d {0}", "--data=d {0}", "--data d e f {0}", "--data d --eval-data e {0}", "--data d --eval-data=e {0}", "--data {0}"];

    static readonly (string Typed, string Said)[] Options =
    [
        ("--evl-fraction 0.1", "--evl-fraction is not an option of ortdpo {0}; did you mean --eval-fraction?"),
        ("--evl-fraction=0.1", "--evl-fraction is not an option of ortdpo {0}; did you mean --eval-fraction?"),
        ("--max-lenght 12", "--max-lenght is not an option of ortdpo {0}; did you mean --max-length?"),
        ("--frobnicate", "--frobnicate is not an option of ortdpo {0}."),
    ];

    public static TheoryData<string, string> Verbs => new()
    {
        { "precompute", "--model m --out o" }, { "train", "--model m --out o --loss simpo" }, { "sft", "--model m --out o" },
        { "inspect", "--model m" },
    };

    [Theory]
    [MemberData(nameof(Verbs))]
    public void It_is_an_unknown_option_of_every_verb_that_reads_data(string verb, string others)
    {
        foreach (var place in Places)
        {
            foreach (var (typed, said) in Options)
            {
                var arguments = $"{verb} {others} {string.Format(null, place, typed)}";
                Assert.Equal((2, $"{string.Format(null, said, verb)} See ortdpo {verb} --help."), Run(arguments.Split(' ')));
            }
        }
    }

    [Theory]
    [InlineData("--reuse r --evl-fraction 0.1", "--evl-fraction is not an option of ortdpo precompute; did you mean --eval-fraction?")]
    [InlineData("--reuse=r --frobnicate", "--frobnicate is not an option of ortdpo precompute.")]
    public void So_it_is_behind_the_older_caches(string options, string said) => Assert.Equal(
        (2, $"{said} See ortdpo precompute --help."), Run($"precompute --model m --out o --data d {options}".Split(' ')));

    [Fact]
    public void A_file_may_be_called_like_an_option()
    {
        const string Called = "--pairs-of-a-test.jsonl";
        File.WriteAllText(Called, "");
        try
        {
            var (exitCode, sentence) = Run(["inspect", "--model", "m", "--data", Called]);

            Assert.Equal(1, exitCode);
            Assert.DoesNotContain("is not an option", sentence, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(Called);
        }
    }

    static (int ExitCode, string Error) Run(string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var program = CommandLineProgram.Compose(
            "ortdpo", "", PrecomputeCommand.Create(), TrainCommand.Create(), SftCommand.Create(), InspectCommand.Create());
        var exitCode = CommandLineProgram.Run(program, arguments, output, error);
        return (exitCode, error.ToString().TrimEnd());
    }
}
