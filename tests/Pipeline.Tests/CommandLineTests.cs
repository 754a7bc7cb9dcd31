namespace OrtDpo.Pipeline.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Env_names_every_package_with_its_version()
    {
        var run = OrtDpoProgram.RunProcess("env");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        foreach (var name in (string[])["OrtDpo", ".NET", "threads", "memory", "devices",
            "ONNX Runtime", "Microsoft.ML.Tokenizers", "Parquet.Net"])
        {
            Assert.Contains(
                run.Output.Split('\n'),
                line => line.StartsWith(name + " ", StringComparison.Ordinal) || line.StartsWith(name + ",", StringComparison.Ordinal));
        }

        Assert.Matches(@"(?m)^Parquet.Net +\d+\.\d+\.\d+\r?$", run.Output);
    }

    [Fact]
    public void The_version_is_on_stdout() =>
        Assert.Matches(@"^\d+\.\d+\.\d+", OrtDpoProgram.RunProcess("--version").Output);

    [Theory]
    [InlineData("envv", "'envv' is not a verb of ortdpo; did you mean env? See ortdpo --help.")]
    [InlineData("env --bogus", "--bogus is not an option of ortdpo env. See ortdpo env --help.")]
    [InlineData("env stray", "'stray' belongs to no option of ortdpo env. See ortdpo env --help.")]
    public void A_faulty_command_line_gives_one_sentence_and_exit_code_two(string arguments, string expected)
    {
        var run = OrtDpoProgram.RunProcess(arguments.Split(' '));
        Assert.Equal((2, "", expected), (run.ExitCode, run.Output, run.Error.TrimEnd()));
    }
}
