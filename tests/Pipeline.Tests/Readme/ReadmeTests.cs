using System.Text.RegularExpressions;
using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Pipeline.Tests.Readme;

/// <summary>
/// The README's blocks, as somebody who reads it from the top would use them; the demo's block is <see cref="DemoTests"/>'.
/// </summary>
public sealed partial class ReadmeTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_command_runs_in_the_order_in_which_it_is_written()
    {
        var model = TinyModel.Write(folder.File("model"));
        var pairs = folder.Write("pairs.jsonl", TinyPairs.Lines(40));
        string[] commands =
        [
            .. ReadmeFile.Blocks.SelectMany(block => block.Text.Split('\n'))
                .Where(line => line.StartsWith("./ortdpo ", StringComparison.Ordinal) && line != "./ortdpo demo"),
        ];
        Assert.True(commands.Length >= 7, "README.md shows the whole pipeline, and a loss without a reference.");

        var runs = 0;
        foreach (var command in commands)
        {
            // A folder of its own for each run; export takes the first.
            var isRun = command.Contains("--out RUN", StringComparison.Ordinal);
            string[] arguments =
            [
                .. Word().Matches(command["./ortdpo ".Length..]).Select(word => word.Value.Trim('"') switch
                {
                    "MODEL" => model,
                    "pairs.jsonl" => pairs,
                    "RUN" => folder.File(isRun ? $"run-{++runs}" : "run-1"),
                    "REF" or "DEPLOY" => folder.File(word.Value),
                    "..." => "1: apple door?",
                    var given => given,
                }),
            ];
            var done = OrtDpoProgram.Run(arguments);
            // Forty pairs hold out too few prompts for the gate, which must say so.
            var expected = arguments[0] == "ship" ? CommandLineProgram.Blocked : CommandLineProgram.Success;
            Assert.True(done.ExitCode == expected, $"{command}\n{done.Error}");
        }
    }

    [Fact]
    public void What_it_says_lies_somewhere_lies_there()
    {
        var tree = ReadmeFile.BlockWith("the launcher: builds what changed");
        string[] named = [.. Place().Matches(tree).Select(match => match.Value)];
        Assert.All(named, path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), $"README.md names {path}."));
        var libraries = Directory.EnumerateFiles(Repository.Find("src"), "*.csproj", SearchOption.AllDirectories)
            .Select(file => $"src/{Path.GetFileNameWithoutExtension(file)}");
        Assert.Equal(libraries.Order(), named.Where(path => path.StartsWith("src/", StringComparison.Ordinal)).Order());
    }

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Word();

    // At the beginning of a line, or behind three spaces.
    [GeneratedRegex(@"(?m)(?<=^| {3})(src/[\w.]+|\w+/|ortdpo|test\.sh)(?= )")]
    private static partial Regex Place();
}
