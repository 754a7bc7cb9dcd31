using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Cli.Tests.CommandLine;

public sealed class DeviceOptionTests
{
    [Theory]
    [InlineData("precompute --model m --data d --out o")]
    [InlineData("train --model m --ref r --out o")]
    [InlineData("sft --model m --data d --out o")]
    [InlineData("eval --run r")]
    [InlineData("export --run r --out o")]
    [InlineData("generate --model m --prompt p")]
    [InlineData("plan --model m --data d")]
    [InlineData("verify c --model m")]
    public void What_is_no_device_is_a_fault_of_the_command_line(string command)
    {
        var verb = command.Split(' ')[0];
        Assert.Equal(
            (2, "", $"--device is gpu; it must be cpu, cuda, cuda:N (the GPU of number N) or auto. See ortdpo {verb} --help."),
            Run([.. command.Split(' '), "--device", "gpu"]));
    }

    [Fact]
    public void Verifying_digests_runs_no_model() => Assert.Equal(
        (2, "", "--device has no effect without --model. See ortdpo verify --help."), Run(["verify", "c", "--device", "cuda"]));

    static (int ExitCode, string Output, string Error) Run(string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = CommandLineProgram.Run(OrtDpoCommand.Create(), arguments, output, error);
        return (exitCode, output.ToString(), error.ToString().TrimEnd());
    }
}
