using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Demo;
using OrtDpo.Cli.Export;
using OrtDpo.Cli.Precompute;
using OrtDpo.Cli.Train;

namespace OrtDpo.Cli.Tests.CommandLine;

/// <summary>What names nothing is refused before .NET says so in its own words, or takes the current folder for it.</summary>
public sealed class EmptyNameTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(",")]
    [InlineData("ref,")]
    [InlineData("ref, ,other")]
    public void An_older_cache(string reuse)
    {
        using var folder = new TemporaryFolder();
        var data = folder.Write("pairs.jsonl", "");
        RequireRefused(
            $"--reuse is '{reuse}'; expected folders with a comma between them. See ortdpo precompute --help.",
            "precompute", "--model", "model", "--data", data, "--out", folder.File("out"), "--reuse", reuse);
    }

    [Theory]
    [InlineData("--out", "precompute", "--model", "m", "--data", "d", "--out", "")]
    [InlineData("--data", "precompute", "--model", "m", "--out", "o", "--data", "d", "")]
    [InlineData("--eval-data", "precompute", "--model", "m", "--out", "o", "--data", "d", "--eval-data", "")]
    [InlineData("--out", "train", "--model", "m", "--ref", "r", "--out", "")]
    [InlineData("--out", "sft", "--model", "m", "--data", "d", "--out", "")]
    [InlineData("--out", "export", "--run", "r", "--out", "")]
    [InlineData("--out", "demo", "--out", "")]
    public void A_file_or_a_folder(string option, params string[] arguments) =>
        RequireRefused($"{option} is ''; it must be a path. See ortdpo {arguments[0]} --help.", arguments);

    static void RequireRefused(string sentence, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var program = CommandLineProgram.Compose(
            "ortdpo", "",
            PrecomputeCommand.Create(), TrainCommand.Create(), SftCommand.Create(), ExportCommand.Create(), DemoCommand.Create());
        var exitCode = CommandLineProgram.Run(program, arguments, output, error);
        Assert.Equal((2, "", sentence), (exitCode, output.ToString(), error.ToString().TrimEnd()));
    }
}
