using OrtDpo.Cli.CommandLine;
using OrtDpo.Cli.Precompute;

namespace OrtDpo.Cli.Tests.Precompute;

public sealed class PrecomputeCommandTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(",")]
    [InlineData("ref,")]
    [InlineData("ref, ,other")]
    public void An_older_cache_without_a_name_is_refused_in_our_words(string reuse)
    {
        using var folder = new TemporaryFolder();
        var data = folder.Write("pairs.jsonl", "");
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = CommandLineProgram.Run(
            CommandLineProgram.Compose("ortdpo", "", PrecomputeCommand.Create()),
            ["precompute", "--model", "model", "--data", data, "--out", folder.File("out"), "--reuse", reuse],
            output,
            error);
        Assert.Equal(
            (2, "", $"--reuse is '{reuse}'; expected folders with a comma between them. See ortdpo precompute --help."),
            (exitCode, output.ToString(), error.ToString().TrimEnd()));
    }
}
