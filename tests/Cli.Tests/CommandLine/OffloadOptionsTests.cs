using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Cli.Tests.CommandLine;

/// <summary>What lies in the machine's memory is asked for in the same way of every verb that runs a model on a device.</summary>
public sealed class OffloadOptionsTests
{
    [Fact]
    public void Whoever_has_a_device_has_them()
    {
        foreach (var verb in OrtDpoCommand.Create().Subcommands)
        {
            var names = verb.Options.Select(option => option.Name).ToHashSet();
            Assert.Equal(
                [names.Contains("--device"), names.Contains("--device")], [names.Contains("--embeddings"), names.Contains("--stream")]);
        }
    }

    [Theory]
    [InlineData("--embeddings", "device")]
    [InlineData("--stream", "on")]
    public void Verifying_digests_runs_no_model(string option, string value) => Assert.Equal(
        (2, $"{option} has no effect without --model. See ortdpo verify --help."), Run("verify", "c", option, value));

    static (int ExitCode, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = CommandLineProgram.Run(OrtDpoCommand.Create(), arguments, output, error);
        return (exitCode, error.ToString().TrimEnd());
    }
}
